import { ApplicationFailureCategory } from '@temporalio/common';
import type { TemporalFailure } from '@temporalio/workflow';
import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { Failure, Outcome } from './ledger';

/**
 * Thrown by a step that was refused: the participant said no and nothing happened. `type` is the refusal code.
 * A body may catch it and go on another way; if it does not, the saga unwinds.
 */
export class StepRefused extends ApplicationFailure {
  constructor(
    readonly step: string,
    failure: Failure,
    cause?: Error,
  ) {
    super(failure.message, failure.code, true, [], cause, undefined, ApplicationFailureCategory.BENIGN);
  }
}

/**
 * Thrown by a step of which nobody knows whether it happened (timeout, attempts used up, cancelled while
 * running, an undeclared failure). If the body catches it, the step is compensated before the saga passes its
 * pivot or completes (S9); if it does not, the saga unwinds. `type` is {@link STEP_UNKNOWN}.
 */
export class StepUnknown extends ApplicationFailure {
  constructor(
    readonly step: string,
    failure: Failure,
    cause?: Error,
  ) {
    super(`${step}: ${failure.message} (${failure.code})`, STEP_UNKNOWN, true, [], cause);
  }
}

/** The failure type of a saga that unwound because a step's outcome was unknown. */
export const STEP_UNKNOWN = 'STEP_UNKNOWN';
/** The reason of a saga that unwound because it was cancelled. */
export const CANCELLED = 'CANCELLED';
/** The reason of a saga that unwound because its deadline passed before its pivot. */
export const DEADLINE_EXCEEDED = 'DEADLINE_EXCEEDED';
/** The reason of a saga that an operator gave up. */
export const ABANDONED = 'ABANDONED';
/** The reason of a saga whose history grew near the size at which the server terminates it (S14). */
export const HISTORY_LIMIT = 'HISTORY_LIMIT';
/** A saga was started with a server-side timeout, which would kill its compensations (S14). */
export const UNSAFE_TIMEOUT = 'UNSAFE_TIMEOUT';

/**
 * A workflow that uses the engine against its grammar. Not a Temporal failure: it fails the workflow task, which
 * waits for a fixed deployment, and never starts an unwinding (S12).
 */
export class SagaUsageError extends Error {
  override readonly name = 'SagaUsageError';
  constructor(
    readonly code: 'STEP_AFTER_PIVOT' | 'SECOND_PIVOT' | 'PIVOT_WITH_STEPS_IN_FLIGHT' | 'FAILED_AFTER_PIVOT',
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** S2: what a failed call says about its action. Whatever is not a declared refusal is unknown. */
export function outcomeOf(error: TemporalFailure, refusals: readonly string[]): Outcome {
  const failure = describe(error);
  // A local activity's failure comes as it is, another's as the cause of an ActivityFailure.
  const inner = error instanceof ActivityFailure ? error.cause : error;
  const said = inner instanceof ApplicationFailure && refusals.includes(failure.code);
  return { kind: said ? 'refused' : 'unknown', failure };
}

/** The code and message under Temporal's wrapping. */
function describe(error: TemporalFailure): Failure {
  const inner =
    error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (isCancellation(error)) return { code: CANCELLED, message: 'cancelled while running' };
  if (inner instanceof TimeoutFailure) {
    return { code: 'TIMEOUT', message: `no answer in time (${inner.timeoutType ?? 'unspecified'})` };
  }
  if (inner instanceof ApplicationFailure) {
    return { code: inner.type ?? 'FAILED', message: inner.message };
  }
  return { code: 'FAILED', message: inner?.message ?? error.message };
}

/** A business decision of the body itself, such as a declined review: unwinds the saga with this code. */
export function refusal(code: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** What made a saga unwind, from the failure its body ended with. */
export function reasonOf(error: TemporalFailure): Failure & { readonly step?: string } {
  const step = error instanceof StepRefused || error instanceof StepUnknown ? { step: error.step } : {};
  return { ...describe(error), ...step };
}
