import { DEFAULT_START_TO_CLOSE_MS } from '../saga/step';
import type { RebuiltEntry, RebuiltLedger } from './rebuild-ledger';
import type { ParticipantRecord } from './records';

/**
 * Adds to what the history tells of a saga what the participants' records know besides (S13). Pure. Nothing is taken
 * away: what the history holds as possible stays, as the action may still arrive and is to be blocked then.
 *
 * A pivot or a step after it that the records hold proves that the pivot is passed, even if the history does not show it.
 * Where the records add an entry, all are undone strictly one after the other, the latest begun first: when the added
 * ones settled is not known, and that order satisfies S3 whenever it was.
 */
export function addRecords(history: RebuiltLedger, remaining: readonly ParticipantRecord[]): RebuiltLedger {
  const known = new Set(history.entries.map(({ step }) => step));
  const added = remaining.filter(({ step }) => !known.has(step)).map(entryOf);
  const proof =
    remaining.find(({ kind }) => kind === 'pivot') ?? remaining.find(({ kind }) => kind === 'retriable');
  const passed = history.pivot?.step ?? proof?.step;
  const entries = (added.length === 0 ? history.entries : makeSequential([...history.entries, ...added])).map(
    (entry) => (entry.step === passed ? { ...entry, refused: false } : entry),
  );
  const pivot = entries.find(({ step }) => step === passed);
  return { entries, ...(pivot && { pivot }) };
}

function entryOf(record: ParticipantRecord): RebuiltEntry {
  const { step, kind, compensation, taskQueue, startToCloseMs = DEFAULT_START_TO_CLOSE_MS, began } = record;
  return {
    step,
    // Without its queue it cannot be reached, so it is as if its caller had not said how it is undone.
    ...(kind && taskQueue !== undefined && { kind }),
    taskQueue: taskQueue ?? '',
    ...(compensation !== undefined && { compensation }),
    startToCloseMs,
    input: record.input,
    succeeded: true,
    output: record.output,
    ...(began !== undefined && { clock: began }),
    began: 0,
    startedAt: record.at,
    settledAt: record.at,
    undone: false,
    refused: false,
  };
}

/** The saga's own clock orders them, or, where an entry lacks it, the time at which they began. */
export function makeSequential(entries: readonly RebuiltEntry[]): RebuiltEntry[] {
  const byClock = entries.every(({ clock }) => clock !== undefined);
  const position = ({ clock = 0, startedAt }: RebuiltEntry) => (byClock ? clock : startedAt);
  return [...entries]
    .sort((a, b) => position(a) - position(b))
    .map((entry, index) => ({ ...entry, began: 2 * index + 1, settled: 2 * index + 2 }));
}
