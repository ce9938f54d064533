import {
  ActivityFailure,
  ApplicationFailure,
  ApplicationFailureCategory,
  ChildWorkflowFailure,
  TemporalFailure,
  TimeoutFailure,
} from '@temporalio/common';
import { isCancellation } from '@temporalio/workflow';
import type { Outcome } from './core/entry';
import {
  CANCELLED,
  engineFailure,
  FAILED,
  type Failure,
  failureOf,
  type Reason,
  type Rejection,
  STEP_UNKNOWN,
} from './core/failures';
import { plainCode, plainText } from './core/plain-text';

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

/**
 * A business decision of the body itself, such as a declined review: unwinds the saga with this code.
 * @param code at most 100 characters of printable ASCII.
 * @param message at most 2,000 characters are kept.
 */
export function refusal(code: string, message: string): ApplicationFailure {
  return ApplicationFailure.create({
    type: plainCode(code),
    message: plainText(message),
    nonRetryable: true,
    category: ApplicationFailureCategory.BENIGN,
  });
}

/** Rejects an Update of a saga, if there is a reason to; nothing is changed. @throws ApplicationFailure */
export function reject(rejection: Rejection | undefined): void {
  if (rejection) throw refusal(rejection.code, rejection.message);
}

/** S2: what a failed call says about its action. Whatever is not a declared refusal is unknown. */
export function outcomeOf(error: TemporalFailure, refusals: readonly string[]): Outcome {
  const failure = readFailure(error);
  const inner = innerOf(error);
  const said = inner instanceof ApplicationFailure && refusals.includes(inner.type ?? FAILED);
  return { kind: said ? 'refused' : 'unknown', failure };
}

/** A local activity's failure comes as it is, another's as the cause of an ActivityFailure. */
function innerOf(error: TemporalFailure): Error | undefined {
  return error instanceof ActivityFailure ? error.cause : error;
}

/** Whether a call failed since no worker took it from its task queue in time (S19). */
export function isUntaken(error: TemporalFailure): boolean {
  const inner = innerOf(error);
  return inner instanceof TimeoutFailure && inner.timeoutType === 'SCHEDULE_TO_START';
}

/**
 * The failure of the saga's steps that an error of the body comes from, if it comes from one: thrown as it was, by
 * `Promise.any`, by the end of a `using` block, or as the cause of an error of the body's own. Anything else is a
 * programming error, and so is a mixture (S12).
 */
export function failureBehind(error: unknown): TemporalFailure | undefined {
  if (error instanceof TemporalFailure) return error;
  if (!(error instanceof Error)) return undefined;
  if (error instanceof AggregateError) {
    const failures = error.errors.map(failureBehind);
    return failures.includes(undefined) ? undefined : failures[0];
  }
  const { error: thrown, suppressed } = error as { error?: unknown; suppressed?: unknown };
  if (error.name === 'SuppressedError') return failureBehind(suppressed) && failureBehind(thrown);
  return failureBehind(error.cause);
}

/** The code and message under Temporal's wrapping. */
export function readFailure(error: TemporalFailure): Failure {
  const inner =
    error instanceof ActivityFailure || error instanceof ChildWorkflowFailure ? error.cause : error;
  if (isCancellation(error)) return engineFailure(CANCELLED, 'cancelled while running');
  if (inner instanceof TimeoutFailure) {
    return engineFailure('TIMEOUT', `no answer in time (${inner.timeoutType ?? 'unspecified'})`);
  }
  if (inner instanceof ApplicationFailure) {
    return failureOf(inner.type ?? FAILED, inner.message);
  }
  return engineFailure(FAILED, inner?.message ?? error.message);
}

/** What made a saga unwind, from the failure its body ended with. */
export function reasonOf(error: TemporalFailure): Reason {
  const step = error instanceof StepRefused || error instanceof StepUnknown ? { step: error.step } : {};
  return { ...readFailure(error), ...step };
}
