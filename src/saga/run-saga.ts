import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  setHandler,
  sleep,
  type TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { FAILED, UNSAFE_TIMEOUT } from './core/failures';
import { reportable } from './core/plain-text';
import type { SagaState } from './core/saga-state';
import type { SagaDefinition } from './definition';
import { Milestones } from './milestone';
import { nestedResult, parentOf } from './nested';
import { openSaga } from './open-saga';
import { Orchestrator } from './orchestrator';
import { recordedPlacement } from './placement';
import { failureBehind, reasonOf } from './read-failure';
import { fitting } from './report';
import { type Saga, SagaBody } from './saga';
import { never } from './scope';
import { previewUndo, undoPreviewQuery } from './undo-preview';

/**
 * Runs a saga: the body to its end, or, when it fails with a Temporal failure or is cancelled before its pivot,
 * the compensations of everything it did (S1–S5). Call it from a workflow function, once.
 *
 * @returns the body's result: the saga is *completed*.
 * @throws ApplicationFailure when the saga is *compensated*: its type is the code of what made it unwind, its
 *   details hold the {@link SagaReport} (S16).
 * @throws CancelledFailure when it is compensated because it was cancelled: the workflow closes as Canceled.
 * @throws any other error of the body as it is: it fails the workflow task and nothing is undone (S12).
 */
export async function runSaga<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  body: (saga: Saga) => Promise<Result>,
): Promise<Result> {
  refuseServerTimeouts();
  const { workflowId, memo } = workflowInfo();
  const workflow = CancellationScope.current();
  // The shield (S4): a cancel reaches the saga only through its state, which knows whether it is too late.
  return await CancellationScope.nonCancellable(async () => {
    const orchestrator = new Orchestrator({
      policy: definition.stuck ?? {},
      express: recordedPlacement(memo) === 'express',
    });
    const { state } = orchestrator;
    setHandler(undoPreviewQuery, () => previewUndo(state), {
      description: 'What would be undone if this saga failed now, in which order',
    });
    const milestones = new Milestones(state);
    openSaga(orchestrator, workflow);
    startClock(definition.deadlineMs, orchestrator);
    orchestrator.changed();

    let result: Result | undefined;
    let failure: TemporalFailure | undefined;
    const running = body(
      new SagaBody(workflowId, orchestrator, milestones, definition.maxHistoryEvents),
    ).then(
      async (returned) => {
        const doubt = orchestrator.resets.check();
        if (doubt) await doubt;
        result = returned;
        state.bodyCompleted();
        orchestrator.changed();
      },
      async (error: unknown) => {
        if (state.ending) return;
        const behind = failureBehind(error);
        if (!behind) throw reportable(error);
        await orchestrator.afterFailure();
        failure = behind;
        state.bodyFailed(reasonOf(behind));
        orchestrator.changed();
      },
    );
    // A programming error of the body ends the wait (S12); its return or failure does not.
    await Promise.race([running.then(() => never()), orchestrator.run()]);
    await milestones.answered();
    if (state.phase === 'completed') return answer(result as Result, state, memo);
    throw failureOf(orchestrator, failure);
  });
}

/** A nested saga's parent, and only it, is answered with what it takes to reverse it. */
function answer<Result>(
  result: Result,
  { ledger }: SagaState,
  memo: Record<string, unknown> | undefined,
): Result {
  return parentOf(memo) ? (nestedResult(result, ledger) as Result) : result;
}

/** What an unwound saga closes with (S16). */
function failureOf({ state, publication }: Orchestrator, failure?: TemporalFailure): TemporalFailure {
  const report = fitting(publication.report);
  if (state.phase === 'cancelled') return new CancelledFailure('cancelled, and unwound', [report]);
  const { code = FAILED, message = '' } = state.reason ?? {};
  const isItsReason = !state.interruptions.unwoundBy && failure instanceof ApplicationFailure;
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    details: [report],
    ...(isItsReason && failure.category && { category: failure.category }),
  });
}

/** S8: the saga's deadline. */
function startClock(deadlineMs: number | undefined, orchestrator: Orchestrator): void {
  if (deadlineMs === undefined) return;
  const clock = new CancellationScope();
  clock
    .run(() => sleep(deadlineMs, { summary: 'deadline of the saga' }))
    .then(
      () => orchestrator.interrupt('deadline'),
      () => undefined,
    );
  orchestrator.whenEnding(() => clock.cancel());
}

/** S14: a server-side timeout kills the workflow with no chance to compensate. */
function refuseServerTimeouts(): void {
  const { executionTimeoutMs = Infinity, runTimeoutMs = Infinity } = workflowInfo();
  const timeout = Math.min(executionTimeoutMs || Infinity, runTimeoutMs || Infinity);
  if (timeout >= HARMLESS_TIMEOUT_MS) return;
  throw ApplicationFailure.nonRetryable(
    `started with a workflow execution or run timeout of ${timeout} ms, which would kill its compensations; start it without one`,
    UNSAFE_TIMEOUT,
  );
}

/** The time-skipping test server gives every workflow ten years. */
const HARMLESS_TIMEOUT_MS = 365 * 24 * 3_600_000;
