import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { Failure } from './ledger';

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

/** A business decision of the body itself, such as a declined review: unwinds the saga with this code. */
export function refusal(code: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: code,
    message,
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}
