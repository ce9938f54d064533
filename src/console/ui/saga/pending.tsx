import type { PendingOperation } from '../../../client';
import { Section } from '../parts/page';
import { Table } from '../parts/table';
import { Message, Words } from '../parts/words';
import { sagaHref } from '../addresses';

interface Props {
  readonly unreported: string;
  readonly pending: readonly PendingOperation[];
}

const head = ['In progress', 'Attempt', 'Last failure'];

/** What the server knows of a saga while no worker answers. */
export function Pending({ unreported, pending }: Props) {
  const rows = pending.map(({ type, sagaId, attempt, lastFailure }, index) => ({
    key: `${type} ${index}`,
    cells: [
      <>
        <Words text={type} />{' '}
        {sagaId !== undefined && (
          <a href={sagaHref(sagaId)}>
            <Words text={sagaId} />
          </a>
        )}
      </>,
      attempt ?? '',
      lastFailure === undefined ? '' : <Message text={lastFailure} />,
    ],
  }));
  return (
    <Section id="pending" title="No report">
      <p class="note warn">
        <Message text={unreported} /> Start a worker of the saga's task queue to see its steps and to decide.
      </p>
      {rows.length > 0 && <Table caption="What the server holds for the saga" head={head} rows={rows} />}
    </Section>
  );
}
