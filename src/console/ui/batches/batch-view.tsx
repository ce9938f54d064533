import { useState } from 'preact/hooks';
import type { ActResult, Batch } from '../../contract';
import { type ApiError, asApiError, post } from '../api';
import { pushedBatches } from '../live';
import { StateBadge } from '../parts/badge';
import { Awaited, ErrorNote, Heading, Section } from '../parts/page';
import { Table } from '../parts/table';
import { Time } from '../parts/time';
import { Message, Words } from '../parts/words';
import { listHref, sagaHref, segment } from '../addresses';
import { useLoaded } from '../use-loaded';
import { FilterText } from './filter-text';
import { endedOf, Progress, resultsOf } from './progress';
import { counted } from '../parts/counted';

/** One batch: how far it is, and what came of it. */
export function BatchView({ id }: { readonly id: string }) {
  const pushed = pushedBatches.value?.find((batch) => batch.id === id);
  const { data, error, reload } = useLoaded<Batch>(`/api/batches/${segment(id)}`, pushed);
  return (
    <>
      <Heading title={data ? `${data.verb} ${data.step ?? ''}`.trim() : `Batch ${id}`} />
      {data ? (
        <>
          {error && <ErrorNote error={error} />}
          <BatchPage batch={data} reload={reload} />
        </>
      ) : (
        <Awaited error={error} reload={reload} />
      )}
    </>
  );
}

function BatchPage({ batch, reload }: { readonly batch: Batch; readonly reload: () => void }) {
  const { id, state, filter, actor, reason, ticket, at, total, failures } = batch;
  return (
    <>
      <p>
        <StateBadge state={state} /> for <FilterText filter={filter} /> (
        <a href={listHref(filter)}>list them now</a>)
      </p>
      <p>
        <Time at={at} /> by <Words text={actor} />: <Words text={reason} />
        {ticket !== undefined && (
          <>
            {' '}
            (<Words text={ticket} />)
          </>
        )}
      </p>
      <Progress batch={batch} />
      <p role="status">
        {endedOf(batch).toLocaleString()} of {counted(total, 'saga')}
        {state === 'interrupted' && '. The console that ran this batch has ended; resume it to go on.'}
      </p>
      <ul class="links">
        {resultsOf(batch).map(([result, count]) => (
          <li key={result}>
            {count.toLocaleString()} <StateBadge state={result} />
          </li>
        ))}
      </ul>
      <Steering batch={batch} reload={reload} />
      <Section id="failures" title="Not done">
        {failures.length === 0 ? (
          <p class="muted">None so far.</p>
        ) : (
          <Table
            caption="The latest sagas for which it was not done"
            head={head}
            rows={failures.map(rowOf)}
          />
        )}
        <p>
          <a href={`/api/batches/${segment(id)}/log`} download={`batch-${id}.jsonl`}>
            Download the log of all results
          </a>{' '}
          (JSON lines)
        </p>
      </Section>
    </>
  );
}

const head = ['Saga', 'Result', 'Message', 'State', 'At'];

function rowOf({ sagaId, result, message, state, at }: ActResult) {
  return {
    key: `${sagaId} ${at}`,
    cells: [
      <a href={sagaHref(sagaId)}>
        <Words text={sagaId} />
      </a>,
      <StateBadge state={result} />,
      message === undefined ? '' : <Message text={message} />,
      state ?? '',
      <Time at={at} />,
    ],
  };
}

const STEERINGS = {
  runs: ['suspend', 'cancel'],
  suspended: ['resume', 'cancel'],
  interrupted: ['resume', 'cancel'],
  cancelled: [],
  done: [],
} as const satisfies Record<Batch['state'], readonly string[]>;

function Steering({ batch: { id, state }, reload }: { readonly batch: Batch; readonly reload: () => void }) {
  const [error, setError] = useState<ApiError>();
  const [busy, setBusy] = useState(false);
  const steer = async (how: string) => {
    setBusy(true);
    setError(undefined);
    try {
      await post(`/api/batches/${segment(id)}/${how}`);
      reload();
    } catch (failure) {
      setError(asApiError(failure));
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p class="actions">
        {STEERINGS[state].map((how) => (
          <button key={how} type="button" disabled={busy} onClick={() => void steer(how)}>
            {how === 'suspend' ? 'Suspend' : how === 'resume' ? 'Resume' : 'Cancel the rest'}
          </button>
        ))}
      </p>
      {error && <ErrorNote error={error} />}
    </>
  );
}
