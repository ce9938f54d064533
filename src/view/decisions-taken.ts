import type { SagaClient, SagaFilter } from '../client';
import type { DeskAct } from '../saga';
import { readReports } from './reports';
import { take } from './take';

/** A decision of an operator, and the saga that it was about. */
export interface SagaDecision extends DeskAct {
  readonly sagaId: string;
  readonly workflow: string;
}

/** What was decided about the sagas of a list. */
export interface ReadDecisions {
  /** In the order of the list, and for each saga in the order in which they were taken. */
  readonly decisions: readonly SagaDecision[];
  /** Of how many sagas the report was read: a worker must answer for it. */
  readonly read: number;
  readonly listed: number;
}

/** Reads from the reports of the latest sagas of a filter who decided what about them, and why. @param limit how many sagas */
export async function readDecisions(
  client: SagaClient,
  filter: SagaFilter,
  limit: number,
): Promise<ReadDecisions> {
  const sagas = await take(limit, client.list(filter));
  const workflows = new Map(sagas.map(({ sagaId, workflow }) => [sagaId, workflow]));
  const reports = await readReports(client, sagas);
  const decisions = reports.flatMap(({ sagaId, desk = [] }) =>
    desk.map((act) => ({ sagaId, workflow: workflows.get(sagaId) ?? '', ...act })),
  );
  return { decisions, read: reports.length, listed: sagas.length };
}
