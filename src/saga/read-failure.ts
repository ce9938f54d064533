import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  type TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import {
  CANCELLED,
  engineFailure,
  FAILED,
  type Failure,
  failureOf,
  StepRefused,
  StepUnknown,
} from './core/failures';
import type { Outcome } from './core/ledger';
import type { Reason } from './core/saga-state';

/** S2: what a failed call says about its action. Whatever is not a declared refusal is unknown. */
export function outcomeOf(error: TemporalFailure, refusals: readonly string[]): Outcome {
  const failure = readFailure(error);
  // A local activity's failure comes as it is, another's as the cause of an ActivityFailure.
  const inner = error instanceof ActivityFailure ? error.cause : error;
  const said = inner instanceof ApplicationFailure && refusals.includes(inner.type ?? FAILED);
  return { kind: said ? 'refused' : 'unknown', failure };
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
