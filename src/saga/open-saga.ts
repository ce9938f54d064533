import { type CancellationScope, setHandler } from '@temporalio/workflow';
import { openDesk } from './desk-handlers';
import { nestedNews } from './nested-news';
import type { Orchestrator } from './orchestrator';
import { fitting, reportQuery } from './report';
import { acceptParts } from './stack-handover';

/** Makes a saga reachable from outside: for its report, for the desk, and for a cancel of its workflow. */
export function openSaga(orchestrator: Orchestrator, workflow: CancellationScope): void {
  setHandler(reportQuery, () => fitting(orchestrator.publication.report), {
    description: 'What happened to every step of this saga',
  });
  openDesk(orchestrator);
  setHandler(nestedNews, (news) => orchestrator.hear(news), {
    description: 'A nested saga says how it stands',
  });
  acceptParts();
  if (workflow.consideredCancelled) orchestrator.interrupt('cancel');
  else workflow.cancelRequested.catch(() => orchestrator.interrupt('cancel'));
}
