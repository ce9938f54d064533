import type { Entry } from '../../src/saga/core/entry';
import type { SagaState } from '../../src/saga/core/state';
import type { SavePoint } from '../../src/saga/core/save-point';
import type { ParticipantsModel } from './participants-model';

/** What must hold when a compensation begins, whatever unwinding it is of. @throws Error */
export function requireUndoInOrder(state: SagaState, entry: Entry): void {
  const { ledger, phase, policy } = state;
  require(phase !== 'committed' && phase !== 'completed', `${entry.id} is undone after the pivot (S7)`);
  require(entry.step.kind === 'compensatable', `${entry.id} is ${entry.step.kind}, and undone`);
  require(entry.outcome !== undefined, `${entry.id} is undone while it is in flight (S3)`);
  require(entry.outcome?.kind !== 'refused', `${entry.id} is undone though it was refused (S2)`);
  if (phase === 'unwinding' && !withinFailed(entry.savePoint)) {
    require(ledger.inFlight.length === 0, `${entry.id} is undone while an action is in flight (S3)`);
    for (const later of ledger.entries.filter(({ began }) => began > (entry.settled ?? Infinity))) {
      require(!stillStands(later) ||
        (policy.whenStuck === 'go-on' &&
          later.stuck !== undefined), `${entry.id} is undone before ${later.id}, which began after it (S3)`);
    }
  }
  if (withinFailed(entry.savePoint) || phase === 'unwinding') return;
  // Before the pivot or the end, what the body has caught: only what is unknown (S9).
  require(entry.outcome?.kind === 'unknown', `${entry.id} succeeded, and is undone though nothing failed`);
}

/** The promise: all done, all undone, or what stands is named. @throws Error */
export function requireEnd(state: SagaState, participants: ParticipantsModel): void {
  const { ledger, phase, interruptions } = state;
  const entryOf = new Map(ledger.entries.map((entry) => [entry.id, entry]));
  require(ledger.inFlight.length === 0, 'it is over with an action in flight');
  require(!ledger.entries.some(({ stuck }) => stuck), 'it is over with a stuck step');
  require(interruptions.pending === undefined, 'it is over with an interruption pending (S8)');
  require((phase === 'completed') === (state.reason === undefined), 'its reason and its end do not fit');
  require((interruptions.unwoundBy !== undefined) ===
    (state.reason !== undefined &&
      isOutside(state.reason.code)), 'an interruption unwound it, and is not its reason (S8)');
  for (const id of participants.standing) {
    const entry = entryOf.get(id);
    require(entry !== undefined, `an effect of ${id} stands, and no entry knows of it`);
    if (!entry) continue;
    if (phase === 'completed') {
      require(entry.outcome?.kind === 'succeeded' ||
        entry.undoing?.skipped === true ||
        entry.step.kind ===
          'irreversible', `completed, and ${id}, which is ${entry.outcome?.kind}, stands (S9)`);
      require(!withinFailed(entry.savePoint) ||
        entry.undoing?.skipped === true, `completed, and ${id} of a save-point that failed stands (S9)`);
    } else {
      require(entry.undoing?.skipped === true ||
        entry.step.kind === 'irreversible', `${phase}, and ${id} stands (the promise)`);
      require(ledger.anyEffectRemains, `${id} stands, and the saga does not say so`);
    }
  }
  if (phase !== 'completed') return;
  for (const { id, step, outcome, undoing } of ledger.entries) {
    if (outcome?.kind !== 'succeeded' || undoing || step.kind === 'read-only') continue;
    require(participants.stands(id), `completed, and ${id}, which succeeded, does not stand`);
  }
}

/** Nothing may follow from an Update that is lost with its workflow task (decision 0009). @throws Error */
export function requireRecorded({ id }: Entry, unrecorded: readonly string[]): void {
  require(unrecorded.length === 0, `${id} follows from ${unrecorded.join()}, which is not recorded`);
}

/** Who was told that an Update is accepted was told the truth. @throws Error */
export function requireTruth(accepted: readonly string[], answered: readonly string[]): void {
  for (const one of accepted)
    require(answered.includes(one), `${one} was accepted, and ${answered.join()} counts`);
}

function withinFailed(savePoint: SavePoint | undefined): boolean {
  return savePoint !== undefined && (savePoint.failed || withinFailed(savePoint.within));
}

function stillStands({ step, outcome, undoing }: Entry): boolean {
  return step.kind === 'compensatable' && outcome?.kind !== 'refused' && undoing?.endedAt === undefined;
}

function isOutside(code: string): boolean {
  return code === 'CANCELLED' || code === 'DEADLINE_EXCEEDED' || code === 'ABANDONED';
}

function require(holds: boolean, rule: string): void {
  if (!holds) throw new Error(rule);
}
