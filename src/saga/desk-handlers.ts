import { setHandler } from '@temporalio/workflow';
import { checkSignature } from './core/desk';
import { rejection } from './core/failures';
import { abandonSaga, resolveStep, retryStep, skipStep } from './desk-updates';
import type { Orchestrator } from './orchestrator';

/** Opens the desk of a saga: its Updates, which the Web UI offers with these descriptions. */
export function openDesk(orchestrator: Orchestrator): void {
  const { state } = orchestrator;
  const { desk } = state;
  setHandler(retryStep, (decision) => desk.retry(decision), {
    description: 'Run another round of a stuck step now: {step, actor, reason, ticket?, input?, output?}',
    validator: (decision) => desk.checkRetry(decision),
  });
  setHandler(resolveStep, (decision) => desk.resolve(decision), {
    description: 'A stuck step was done by hand: {step, actor, reason, ticket?, output?}',
    validator: (decision) => desk.checkResolve(decision),
  });
  setHandler(skipStep, (decision) => desk.skip(decision), {
    description: 'Leave a stuck compensation undone for good: {step, actor, reason, ticket?}',
    validator: (decision) => desk.checkSkip(decision),
  });
  setHandler(
    abandonSaga,
    (signature) => {
      const act = desk.abandon(signature);
      orchestrator.interrupt('abandon');
      return act;
    },
    {
      description:
        'Give up before the pivot, whatever the saga waits for, and unwind: {actor, reason, ticket?}',
      validator: (signature) => {
        checkSignature(signature);
        if (state.phase !== 'forward' || state.ending) {
          throw rejection(
            'DESK_NOT_POSSIBLE',
            `the saga cannot be abandoned: it is ${orchestrator.publication.report.status}`,
          );
        }
      },
    },
  );
}
