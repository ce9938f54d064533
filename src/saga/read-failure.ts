import {
  ActivityFailure,
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  type TemporalFailure,
  TimeoutFailure,
} from '@temporalio/workflow';
import { CANCELLED, StepRefused, StepUnknown } from './core/failures';
import type { Failure, Outcome } from './core/ledger';
import type { Reason } from './core/saga-state';

/** S2: what a failed call says about its action. Whatever is not a declared refusal is unknown. */
export function outcomeOf(error: TemporalFailure, refusals: readonly string[]): Outcome {
  const failure = readFailure(error);
  // A local activity's failure comes as it is, another's as the cause of an ActivityFailure.
  const inner = error instanceof ActivityFailure ? error.cause : error;
  const said = inner instanceof ApplicationFailure && refusals.includes(failure.code);
  return { kind: said ? 'refused' : 'unknown', failure };
}

/** The code and message under Temporal's wrapping. */
export function readFailure(error: TemporalFailure): Failure {
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

/** What made a saga unwind, from the failure its body ended with. */
export function reasonOf(error: TemporalFailure): Reason {
  const step = error instanceof StepRefused || error instanceof StepUnknown ? { step: error.step } : {};
  return { ...readFailure(error), ...step };
}
