import type { SagaErrorCode, UpdateErrorCode, UsageErrorCode } from './error-codes';
import { plainCode, plainText } from './plain-text';

/** Why an operation did not succeed: a stable code and a sentence for an operator. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

/** What made a saga unwind. */
export type Reason = Failure & { readonly step?: string };

/** Why an Update of a saga is rejected. */
export interface Rejection {
  readonly code: UpdateErrorCode;
  readonly message: string;
}

/** The failure type of a saga that unwound because a step's outcome was unknown. */
export const STEP_UNKNOWN = 'STEP_UNKNOWN' satisfies SagaErrorCode;
/** The reason of a saga that unwound because it was cancelled. */
export const CANCELLED = 'CANCELLED' satisfies SagaErrorCode;
/** The reason of a saga that unwound because its deadline passed before its pivot. */
export const DEADLINE_EXCEEDED = 'DEADLINE_EXCEEDED' satisfies SagaErrorCode;
/** The reason of a saga that an operator gave up. */
export const ABANDONED = 'ABANDONED' satisfies SagaErrorCode;
/** The reason of a saga whose history grew near the size at which the server terminates it (S14). */
export const HISTORY_LIMIT = 'HISTORY_LIMIT' satisfies SagaErrorCode;
/** No worker took an operation from its task queue within the time that was set (S19). */
export const NO_WORKER = 'NO_WORKER' satisfies SagaErrorCode;
/** What a participant answers an action that was compensated before: it has no effect, and never will (B4, B8). */
export const ACTION_BLOCKED = 'ACTION_BLOCKED';
/** What a participant answers an action that it knows with another input (B5). */
export const KEY_CONFLICT = 'KEY_CONFLICT';
/** A saga was reset to a point before its steps were undone (S17). */
export const RESET_AFTER_UNDO = 'RESET_AFTER_UNDO' satisfies SagaErrorCode;
/** A saga that was reset unwinds, and an earlier run of it is past its pivot (S17). */
export const RESET_PAST_PIVOT = 'RESET_PAST_PIVOT' satisfies SagaErrorCode;
/** The code of a failure that has no type of its own. */
export const FAILED = 'FAILED' satisfies SagaErrorCode;
/** A saga was started with a server-side timeout, which would kill its compensations (S14). */
export const UNSAFE_TIMEOUT = 'UNSAFE_TIMEOUT' satisfies SagaErrorCode;
/** A saga was started with a cron schedule, which repeats its id and so the keys of its steps (S20, B6). */
export const UNSAFE_CRON = 'UNSAFE_CRON' satisfies SagaErrorCode;
/** A workflow was continued as new outside a saga, and begins a saga under an id whose keys are used (S20, B6). */
export const CONTINUED_WITHOUT_SAGA = 'CONTINUED_WITHOUT_SAGA' satisfies SagaErrorCode;

/**
 * A workflow that uses the engine against its grammar. Not a Temporal failure: it fails the workflow task, which
 * waits for a fixed deployment, and never starts an unwinding (S12).
 */
export class SagaUsageError extends Error {
  override readonly name = 'SagaUsageError';
  constructor(
    readonly code: UsageErrorCode,
    message: string,
  ) {
    super(`${code}: ${message}`);
  }
}

/** A failure with a code of anybody's, as the whole way can carry it. */
export function failureOf(code: string, message: string): Failure {
  return { code: plainCode(code), message: plainText(message) };
}

/** A failure that the engine itself found. */
export function engineFailure(code: SagaErrorCode, message: string): Failure {
  return failureOf(code, message);
}
