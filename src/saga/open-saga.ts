import { type CancellationScope, setHandler } from '@temporalio/workflow';
import { openDesk } from './desk-handlers';
import { reportQuery } from './report';
import type { SagaState } from './saga-state';

/** Makes a saga reachable from outside: for its report, for the desk, and for a cancel of its workflow. */
export function openSaga(state: SagaState, workflow: CancellationScope): void {
  setHandler(reportQuery, () => state.report, { description: 'What happened to every step of this saga' });
  openDesk(state);
  if (workflow.consideredCancelled) state.interrupt('cancel');
  else workflow.cancelRequested.catch(() => state.interrupt('cancel'));
}
