import type { DeskAct } from '../../../saga';
import { Table } from '../parts/table';
import { Time } from '../parts/time';
import { Message, Words } from '../parts/words';

const head = ['When', 'Who', 'What', 'Why', 'Ticket'];

/** What operators did to a saga, in order. */
export function AuditTrail({ acts }: { readonly acts: readonly DeskAct[] }) {
  const rows = acts.map(({ at, actor, verb, step, corrected, declined, reason, ticket }, index) => ({
    key: `${at} ${index}`,
    cells: [
      <Time at={at} />,
      <Words text={actor} />,
      <>
        {verb} {step !== undefined && <Words text={step} />}
        {corrected && ', corrected'}
        {declined && ', had no effect'}
      </>,
      <Message text={reason} />,
      ticket === undefined ? '' : <Words text={ticket} />,
    ],
  }));
  return <Table caption="Operator interventions, in order" head={head} rows={rows} />;
}
