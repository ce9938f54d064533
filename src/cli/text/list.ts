import type { ListedSaga } from '../../client';
import { table } from './table';

export function listText(sagas: readonly ListedSaga[], columns?: number): string {
  const rows = sagas.map(({ sagaId, workflow, state, reason, stuckStep, problem, startedAt }) => [
    sagaId,
    workflow,
    state,
    reason ?? '',
    problem ?? stuckStep ?? '',
    startedAt.toISOString(),
  ]);
  const head = ['Saga', 'Workflow', 'State', 'Reason', 'Stuck step or problem', 'Started'];
  return `${table(head, rows, columns)}\n${sagas.length} sagas`;
}
