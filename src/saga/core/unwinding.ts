import { type Entry, isHeldBack, isToCompensate, isUncertain, isUndone } from './entry';
import type { Unwinding } from './pending';
import { isWithin } from './save-point';
import type { SagaState } from './state';

/** What it is to undo, as that is when all within it is quiet; asked again until it names none. */
function entriesOf(state: SagaState, unwinding: Pick<Unwinding, 'of' | 'savePoint'>): readonly Entry[] {
  return state.ledger.entries.filter(wantedBy(state, unwinding));
}

function wantedBy(
  state: SagaState,
  { of, savePoint }: Pick<Unwinding, 'of' | 'savePoint'>,
): (entry: Entry) => boolean {
  switch (of) {
    case 'saga':
      return isToCompensate;
    case 'rescue':
      return (entry) => !isUndone(entry);
    case 'save-point':
      // What is around it may fail before its own unwinding has begun: then that unwinding undoes this part too, in
      // the order of the whole.
      return state.isOrphaned(savePoint?.within)
        ? none
        : (entry) => isToCompensate(entry) && isWithin(entry.savePoint, savePoint);
    case 'before-pivot':
      // That of an earlier run may be the one that is about to begin.
      return state.ending ? none : (entry) => isUncertain(entry) && !isHeldBack(entry);
    case 'before-end':
      return state.ending ? none : isUncertain;
  }
}

const none = () => false;

/** Begins when what it is to undo is quiet. */
export function startUnwinding(
  state: SagaState,
  of: Pick<Unwinding, 'of' | 'reason' | 'savePoint' | 'ticket'>,
): void {
  state.unwindings.push({ ...of, hadAny: entriesOf(state, of).length > 0, chosen: [], ended: false });
}

/**
 * Whether the saga has something to conclude when the body has gone on as far as it can: what the body does about an answer
 * comes first.
 */
export function canConclude(state: SagaState): boolean {
  return !state.over && state.isRecorded && (state.anyWaits || goesOnByItself(state));
}

/** Whether more follows from what has happened so far, not from what waits for its turn. */
export function goesOnByItself(state: SagaState): boolean {
  return state.isRecorded && (state.failures.length > 0 || nextUnwinding(state) !== undefined);
}

/** The first unwinding that has anything to do. */
export function nextUnwinding(state: SagaState): Unwinding | undefined {
  return state.unwindings.find((unwinding) => canAdvance(state, unwinding));
}

function canAdvance(state: SagaState, unwinding: Unwinding): boolean {
  if (unwinding.ended) return false;
  const left = leftOf(state, unwinding);
  return left.length === 0 ? state.ledger.isQuiet(unwinding.savePoint) : readyOf(state, left).length > 0;
}

/** One step of it. @returns the compensations to begin now; none when it has ended. */
export function advance(state: SagaState, unwinding: Unwinding): readonly Entry[] {
  if (leftOf(state, unwinding).length === 0) {
    unwinding.chosen = entriesOf(state, unwinding);
    unwinding.ended = unwinding.chosen.length === 0;
  }
  return readyOf(state, leftOf(state, unwinding));
}

/** What is not undone yet. What is not begun is left to a wider unwinding as soon as there is one. */
function leftOf(state: SagaState, unwinding: Unwinding): readonly Entry[] {
  if (unwinding.chosen.length === 0) return [];
  const isWanted = wantedBy(state, unwinding);
  return unwinding.chosen.filter((entry) => !isUndone(entry) && (entry.undoing ?? isWanted(entry)));
}

function readyOf({ ledger, policy, draining, atOnce }: SagaState, left: readonly Entry[]): readonly Entry[] {
  const free = draining ? 0 : Math.max(atOnce - ledger.underWay, 0);
  return free === 0 ? [] : ledger.ready(left, policy.whenStuck === 'go-on').slice(0, free);
}
