import type { SagaLine } from '../../contract';
import { SagaBadge } from '../parts/badge';
import { Table } from '../parts/table';
import { Time } from '../parts/time';
import { Code, Message, Words } from '../parts/words';
import { sagaHref } from '../addresses';

const head = ['Saga', 'State', 'Workflow', 'Reason', 'Stuck step or problem', 'Started', 'Closed'];

/** Sagas, one a row. */
export function SagaTable({ sagas }: { readonly sagas: readonly SagaLine[] }) {
  const rows = sagas.map(
    ({ sagaId, state, workflow, reason, stuckStep, problem, startedAt, closedAt }, index) => ({
      key: `${sagaId} ${index}`,
      cells: [
        <a href={sagaHref(sagaId)}>
          <Words text={sagaId} />
        </a>,
        <SagaBadge state={state} />,
        <Words text={workflow} />,
        reason === undefined ? '' : <Code text={reason} />,
        problem === undefined ? (
          (stuckStep ?? '') && <Words text={stuckStep ?? ''} />
        ) : (
          <Message text={problem} />
        ),
        <Time at={startedAt} />,
        closedAt === undefined ? '' : <Time at={closedAt} />,
      ],
    }),
  );
  return <Table caption="Sagas, the latest started first" head={head} rows={rows} />;
}
