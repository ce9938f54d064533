import type { DeskAct } from './decisions';
import type { Interrupted, Interruption } from './interruptions';
import type { Entry } from './entry';
import type { Reason } from './failures';
import type { StepData } from './step';

/** An entry as it travels; its step is named, since thousands of entries share a few steps. */
export type CarriedEntry = Omit<Entry, 'step' | 'savePoint' | 'stuck'> & { readonly step: string };

/** Run ids, by the entry of the nested saga whose runs they are. */
export type NestedRuns = Readonly<Record<string, readonly string[]>>;

/** What of a ledger still matters to a run that goes on with it. JSON. */
export interface CarriedLedger {
  /** By name, without the functions of their declarations. */
  readonly steps: Readonly<Record<string, StepData>>;
  readonly entries: readonly CarriedEntry[];
  readonly runs: readonly (readonly [string, number])[];
  readonly clock: number;
  /** How many steps were left out, since nothing of them can or need be undone. */
  readonly earlier: number;
  /** Whether one of those has an effect that nothing undoes. */
  readonly effectsRemain: boolean;
  /** After a reset: the runs of nested sagas that earlier runs started (S17). */
  readonly nestedRuns?: NestedRuns;
  readonly completedEarlier?: boolean;
}

/** A saga between two runs of its workflow (S20): nothing is under way. JSON. */
export interface CarriedState {
  readonly phase: 'forward' | 'committed' | 'unwinding';
  readonly reason?: Reason;
  readonly interruptions: readonly (readonly [Interruption, Interrupted])[];
  readonly desk: readonly DeskAct[];
  readonly ledger: CarriedLedger;
}

/** Whether something of an entry is left to undo, to reverse or to report when its saga ends. */
export function isStillRelevant({ step, outcome, undoing, effectsRemain }: Entry): boolean {
  if (effectsRemain || undoing?.skipped) return true;
  if (outcome?.kind === 'refused' || undoing?.endedAt !== undefined) return false;
  return step.kind === 'compensatable' || step.kind === 'irreversible' || step.kind === 'pivot';
}

export function carryEntry({ step, savePoint: _savePoint, stuck: _stuck, ...entry }: Entry): CarriedEntry {
  return { ...entry, step: step.name };
}

/** @param steps those that the entry was carried with. */
export function restoreEntry({ step, ...entry }: CarriedEntry, steps: CarriedLedger['steps']): Entry {
  // What was in flight when a rescued saga ended has settled last, which is no JSON.
  return { ...entry, step: steps[step] as StepData, settled: entry.settled ?? Infinity };
}
