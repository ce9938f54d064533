import {
  ApplicationFailure,
  CancellationScope,
  CancelledFailure,
  condition,
  setHandler,
  sleep,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { SagaDefinition, StuckPolicy } from './definition';
import { reasonOf, SagaUsageError, STEP_UNKNOWN, UNSAFE_TIMEOUT } from './failures';
import type { Failure } from './ledger';
import { Milestones } from './milestone';
import { openSaga } from './open-saga';
import { type Saga, SagaBody } from './saga';
import { SagaState } from './saga-state';
import { previewUndo, undoPreviewQuery } from './undo-preview';
import { unwind } from './unwind';

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
  const policy = definition.stuck ?? {};
  const workflow = CancellationScope.current();
  // The shield (S4): a cancel reaches the saga only through its state, which knows whether it is too late.
  return await CancellationScope.nonCancellable(async () => {
    const state = new SagaState(policy, definition.maxHistoryEvents);
    setHandler(undoPreviewQuery, () => previewUndo(state), {
      description: 'What would be undone if this saga failed now, in which order',
    });
    const milestones = new Milestones(state);
    openSaga(state, workflow);
    const stopClock = startClock(definition.deadlineMs, state);
    state.publish();
    try {
      const running = body(new SagaBody(workflowInfo().workflowId, state, policy, milestones));
      const result = await Promise.race([running, state.interrupted]);
      await complete(state, policy);
      await milestones.answered();
      return result;
    } catch (error) {
      if (!(error instanceof TemporalFailure)) throw error;
      if (state.phase === 'pivot') await inFlightSettled(state);
      if (state.phase === 'committed') {
        throw new SagaUsageError('FAILED_AFTER_PIVOT', `the body failed after its pivot: ${error.message}`);
      }
      stopClock();
      const reason = await unwindAll(state, policy, error);
      await milestones.answered();
      throw failureOf(state, reason, error);
    }
  });
}

/** A saga ends only when nothing is in flight, and nothing unknown stands that the body has caught (S9). */
async function complete(state: SagaState, policy: StuckPolicy): Promise<void> {
  await unwind(state, () => state.ledger.unknown, policy, STEP_UNKNOWN);
  if (state.ending) await state.interrupted;
  state.phase = 'completed';
  state.publish();
}

async function unwindAll(state: SagaState, policy: StuckPolicy, error: TemporalFailure): Promise<Failure> {
  const reason = state.interruptionReason ?? reasonOf(error);
  state.phase = 'unwinding';
  state.reason = reason;
  state.cancelActions();
  if (state.ledger.inFlight.length > 0) state.publish();
  await unwind(state, () => state.ledger.standing, policy, reason.code);
  state.phase = state.unwoundBy === 'cancel' ? 'cancelled' : 'compensated';
  state.publish();
  return reason;
}

/** What an unwound saga closes with (S16). */
function failureOf(state: SagaState, reason: Failure, error: TemporalFailure): TemporalFailure {
  if (state.phase === 'cancelled') return new CancelledFailure('cancelled, and unwound', [state.report]);
  return ApplicationFailure.create({
    type: reason.code,
    message: reason.message,
    nonRetryable: true,
    details: [state.report],
    ...(error instanceof ApplicationFailure && error.category && { category: error.category }),
  });
}

async function inFlightSettled(state: SagaState): Promise<void> {
  await condition(() => state.ledger.inFlight.length === 0);
}

/** S8: the saga's deadline. @returns stops it. */
function startClock(deadlineMs: number | undefined, state: SagaState): () => void {
  if (deadlineMs === undefined) return () => undefined;
  const clock = new CancellationScope();
  clock
    .run(() => sleep(deadlineMs, { summary: 'deadline of the saga' }))
    .then(
      () => state.interrupt('deadline'),
      () => undefined,
    );
  return () => clock.cancel();
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
