import type { Entry } from './entry';
import type { Change } from './events';
import { engineFailure, type Reason, RESET_AFTER_UNDO, STEP_UNKNOWN } from './failures';
import { type Interruption, interruptionReasons } from './interruptions';
import type { Unwinding } from './pending';
import { isWithin, type SavePoint } from './save-point';
import type { SagaState } from './state';
import { startUnwinding } from './unwinding';

/** All that is done is undone: the saga fails. @param of `rescue`: steps of every kind. */
export function unwindAll(
  state: SagaState,
  change: Change,
  reason: Reason,
  of: 'saga' | 'rescue' = 'saga',
): void {
  state.phase = 'unwinding';
  state.reason = reason;
  change.now.push({ do: 'stop-deadline' });
  cancel(change, state.ledger.inFlight);
  startUnwinding(state, { of, reason: reason.code });
}

/** The body has returned. What it caught and is unknown is undone before the saga completes (S9). */
export function bodyReturned(state: SagaState): void {
  if (!state.ending) startUnwinding(state, { of: 'before-end', reason: STEP_UNKNOWN });
}

/** The body has failed with a Temporal failure. */
export function bodyFailed(state: SagaState, change: Change, reason: Reason): void {
  if (state.ending) return;
  if (state.phase === 'pivot') state.failedAtPivot = reason;
  else if (state.phase === 'committed') failAfterPivot(state, reason);
  else if (!grantPending(state, change)) unwindAll(state, change, reason);
}

/** The body of a save-point failed, and what it did is undone by itself (S9). */
export function savePointFailed(
  state: SagaState,
  change: Change,
  { savePoint, code, ticket }: { savePoint: SavePoint; code: string; ticket: number },
): void {
  savePoint.failed = true;
  cancel(
    change,
    state.ledger.inFlight.filter((entry) => isWithin(entry.savePoint, savePoint)),
  );
  startUnwinding(state, { of: 'save-point', reason: code, savePoint, ticket });
}

/** The body asks for its pivot: what it has caught and is unknown is undone first (S9). */
export function pivotApproached(state: SagaState, ticket: number): void {
  state.phase = 'pivot';
  startUnwinding(state, { of: 'before-pivot', reason: STEP_UNKNOWN, ticket });
}

/** Nothing is left to undo of an unwinding. */
export function unwound(state: SagaState, change: Change, { of, savePoint, hadAny }: Unwinding): void {
  switch (of) {
    case 'saga':
    case 'rescue':
      state.phase = state.interruptions.unwoundBy === 'cancel' ? 'cancelled' : 'compensated';
      break;
    case 'save-point':
      if (savePoint) savePoint.ended = true;
      break;
    case 'before-pivot':
      if (state.failedAtPivot || (hadAny && state.interruptions.pending)) pivotKnown(state, change, false);
      break;
    case 'before-end':
      if (!state.ending && !grantPending(state, change)) state.phase = 'completed';
  }
}

/** S8: unwinds before the pivot, waits while the pivot is not known, and is declined after it. @returns whether it waits for its turn */
export function interrupt(state: SagaState, change: Change, by: Interruption): boolean {
  const { interruptions, phase } = state;
  const { earlierPivot, completedEarlier } = state.ledger;
  // After the pivot of an earlier run a cancel is too late in this one (S17); a person and the server's limit still decide.
  // One that has completed did so in time.
  const late =
    (earlierPivot?.outcome?.kind === 'succeeded' && (by === 'cancel' || by === 'deadline')) ||
    (completedEarlier && by === 'deadline');
  const possible = !state.ending && !state.over && interruptions.pending === undefined && !late;
  const waits =
    phase === 'pivot' ||
    (phase === 'forward' && (state.express || state.lookingBack || earlierPivot !== undefined));
  const effect = possible && waits ? 'pending' : possible && phase === 'forward' ? 'unwound' : 'declined';
  interruptions.record(by, { requestedAt: change.at, effect });
  if (effect === 'unwound') unwindAll(state, change, interruptionReasons[by]);
  return effect === 'pending' && phase === 'forward';
}

/**
 * Before the pivot: decides about the interruption that waits, unless it waits for what earlier runs did, or for a pivot
 * that one of them may have passed (S17).
 */
export function decidePending(state: SagaState, change: Change): void {
  if (state.phase !== 'forward' || state.lookingBack) return;
  const { earlierPivot, completedEarlier } = state.ledger;
  const { pending } = state.interruptions;
  if (completedEarlier && pending === 'deadline') state.interruptions.decide('declined');
  else if (!earlierPivot || pending === 'history' || pending === 'abandon') grantPending(state, change);
  else if (earlierPivot.outcome?.kind === 'succeeded') state.interruptions.decide('declined');
}

/** The pivot is known, or was given up before it began: what waited for that is decided now. */
export function pivotKnown(state: SagaState, change: Change, succeeded: boolean): void {
  state.phase = succeeded ? 'committed' : 'forward';
  if (succeeded) state.interruptions.decide('declined');
  const failed = state.failedAtPivot;
  if (succeeded && failed) failAfterPivot(state, failed);
  if (!succeeded && !grantPending(state, change) && failed) unwindAll(state, change, failed);
}

/** S17: these were undone before the reset. What undoes the rest undoes them again, which changes nothing. */
export function foundUndone(state: SagaState, change: Change, entries: readonly Entry[]): void {
  const names = entries.map(({ id }) => id).join(', ');
  const message = `the workflow was reset to a point before ${names} was undone`;
  unwindUnlessCommitted(state, change, engineFailure(RESET_AFTER_UNDO, message));
}

/** What the saga did, or is about to do, was undone by somebody else. No other way through the body makes up for that. */
export function unwindUnlessCommitted(state: SagaState, change: Change, reason: Reason): void {
  if (state.phase === 'forward') unwindAll(state, change, reason);
  else if (state.phase === 'pivot' && !state.ledger.pivot) giveUpPivot(state, change, reason);
}

/** The body is on the way to its pivot, which then does not begin. */
function giveUpPivot(state: SagaState, change: Change, reason: Reason): void {
  state.failedAtPivot = reason;
  const approach = state.unwindings.filter(({ of }) => of === 'before-pivot').at(-1);
  if (approach?.ended) pivotKnown(state, change, false);
}

/** Unwinds because of the interruption that waited, if one did. */
function grantPending(state: SagaState, change: Change): boolean {
  const by = state.interruptions.decide('unwound');
  if (by) unwindAll(state, change, interruptionReasons[by]);
  return by !== undefined;
}

function failAfterPivot(state: SagaState, { message }: Reason): void {
  state.fault = { code: 'FAILED_AFTER_PIVOT', message: `the body failed after its pivot: ${message}` };
}

/** The sooner they settle, the sooner they are undone. */
function cancel({ now }: Change, entries: readonly Entry[]): void {
  now.push(...entries.map((entry) => ({ do: 'cancel' as const, entry })));
}
