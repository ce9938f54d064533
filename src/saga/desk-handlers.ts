import { setHandler } from '@temporalio/workflow';
import { abandonSaga, checkSignature, resolveStep, retryStep, skipStep } from './desk';
import { refusal } from './failures';
import type { SagaState } from './saga-state';

/** Opens the desk of a saga: its Updates, which the Web UI offers with these descriptions. */
export function openDesk(state: SagaState): void {
  const { desk } = state;
  setHandler(retryStep, (decision) => desk.retry(decision), {
    description: 'Run another round of a stuck step now: {step, actor, reason, ticket?, input?}',
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
      state.interrupt('abandon');
      return act;
    },
    {
      description:
        'Give up before the pivot, whatever the saga waits for, and unwind: {actor, reason, ticket?}',
      validator: (signature) => {
        checkSignature(signature);
        if (state.phase !== 'forward' || state.ending) {
          throw refusal('DESK_NOT_POSSIBLE', `the saga cannot be abandoned: it is ${state.report.status}`);
        }
      },
    },
  );
}
