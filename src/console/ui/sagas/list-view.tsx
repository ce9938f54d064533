import { useEffect, useState } from 'preact/hooks';
import type { ListFilter, SagaLine, SagaPageOfList } from '../../contract';
import { type ApiError, asApiError, get } from '../api';
import { askForBatch } from '../batches/asked-batch';
import { Awaited, ErrorNote, Heading } from '../parts/page';
import { queryOf } from '../addresses';
import { useLoaded } from '../use-loaded';
import { FilterForm } from './filter-form';
import { SagaTable } from './saga-table';
import { SavedViews } from './saved-views';
import { counted } from '../parts/counted';

/** The sagas that a filter finds. */
export function ListView({ filter }: { readonly filter: ListFilter }) {
  const query = queryOf(filter);
  const { data, error, reload } = useLoaded<SagaPageOfList>(`/api/sagas${query && `?${query}`}`);
  return (
    <>
      <Heading title="Sagas" />
      <FilterForm key={query} filter={filter} />
      <SavedViews filter={filter} />
      {data ? (
        <>
          {error && <ErrorNote error={error} />}
          <p class="actions">
            <button type="button" onClick={() => askForBatch({ filter })}>
              Act on all that match
            </button>
            <button type="button" onClick={reload}>
              Read again
            </button>
            <a href={`/api/decisions${query && `?${query}`}`} download="decisions.jsonl">
              Export what operators decided
            </a>
          </p>
          <Found key={query} first={data} query={query} />
        </>
      ) : (
        <Awaited error={error} reload={reload} />
      )}
    </>
  );
}

/** The first page, and those that were asked for. */
function Found({ first, query }: { readonly first: SagaPageOfList; readonly query: string }) {
  const [more, setMore] = useState<readonly SagaPageOfList[]>([]);
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  useEffect(() => setMore([]), [first]);
  const pages = [first, ...more];
  const sagas: SagaLine[] = pages.flatMap((page) => page.sagas);
  const cursor = pages.at(-1)?.cursor;
  const load = async () => {
    setBusy(true);
    setError(undefined);
    const path = `/api/sagas?${query && `${query}&`}cursor=${encodeURIComponent(cursor ?? '')}`;
    try {
      const page = await get<SagaPageOfList>(path);
      setMore((was) => [...was, page]);
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p role="status" class="muted">
        {sagas.length === 0
          ? 'No saga matches.'
          : `${counted(sagas.length, 'saga')}${cursor === undefined ? '' : ', and more'}`}
      </p>
      {sagas.length > 0 && <SagaTable sagas={sagas} />}
      {error && <ErrorNote error={error} />}
      {cursor !== undefined && (
        <button type="button" disabled={busy} onClick={() => void load()}>
          {busy ? 'Loading…' : 'Load more'}
        </button>
      )}
    </>
  );
}
