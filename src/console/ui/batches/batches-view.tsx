import type { Batch } from '../../contract';
import { pushedBatches } from '../live';
import { StateBadge } from '../parts/badge';
import { Awaited, ErrorNote, Heading } from '../parts/page';
import { Table } from '../parts/table';
import { Time } from '../parts/time';
import { Words } from '../parts/words';
import { batchHref } from '../addresses';
import { useLoaded } from '../use-loaded';
import { FilterText } from './filter-text';
import { endedOf, Progress } from './progress';

const head = ['Batch', 'State', 'Progress', 'Sagas', 'By', 'Begun'];

/** All batches, the latest begun first. */
export function BatchesView() {
  const { data, error, reload } = useLoaded<readonly Batch[]>('/api/batches', pushedBatches.value);
  return (
    <>
      <Heading title="Batches" />
      {data ? (
        <>
          {error && <ErrorNote error={error} />}
          {data.length === 0 ? (
            <p class="muted">
              No batch was started yet. Start one from an incident on the <a href="#/">overview</a>, or from a
              filtered <a href="#/sagas">list</a>.
            </p>
          ) : (
            <Table caption="Batches, the latest begun first" head={head} rows={data.map(rowOf)} />
          )}
        </>
      ) : (
        <Awaited error={error} reload={reload} />
      )}
    </>
  );
}

function rowOf(batch: Batch) {
  const { id, verb, step, state, filter, actor, at, total } = batch;
  return {
    key: id,
    cells: [
      <a href={batchHref(id)}>
        {verb} {step !== undefined && <Words text={step} />} (<Words text={id} />)
      </a>,
      <StateBadge state={state} />,
      <>
        <Progress batch={batch} />
        {endedOf(batch).toLocaleString()} of {total.toLocaleString()}
      </>,
      <FilterText filter={filter} />,
      <Words text={actor} />,
      <Time at={at} />,
    ],
  };
}
