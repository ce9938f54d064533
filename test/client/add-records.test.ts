import { describe, expect, test } from '@jest/globals';
import { entriesToUndo } from '../../src/client/entries-to-undo';
import type { RebuiltEntry, RebuiltLedger } from '../../src/client/rebuild-ledger';
import type { ParticipantRecord } from '../../src/client/records';
import { addRecords } from '../../src/client/add-records';

/** An entry of a history; events 10 apart. */
function entry(step: string, clock: number, changed: Partial<RebuiltEntry> = {}): RebuiltEntry {
  return {
    step,
    kind: 'compensatable',
    compensation: 'takeBack',
    clock,
    taskQueue: 'world',
    startToCloseMs: 2_000,
    input: { of: step },
    succeeded: true,
    output: 'by history',
    began: clock * 10,
    settled: clock * 10 + 15,
    startedAt: clock * 1_000,
    undone: false,
    refused: false,
    ...changed,
  };
}

function record(
  step: string,
  began: number | undefined,
  changed: Partial<ParticipantRecord> = {},
): ParticipantRecord {
  return {
    sagaId: 's',
    participant: 'w',
    step,
    kind: 'compensatable',
    compensation: 'takeBack',
    ...(began !== undefined && { began }),
    taskQueue: 'world',
    startToCloseMs: 3_000,
    input: { of: step },
    output: 'by record',
    at: (began ?? 0) * 1_000,
    ...changed,
  };
}

const none: RebuiltLedger = { entries: [] };
const steps = ({ entries }: RebuiltLedger) => entries.map(({ step }) => step);
const codeOf = (ledger: RebuiltLedger, why: 'rescue' | 'reverse' = 'rescue') => {
  try {
    return entriesToUndo(ledger, 's', why).map(({ step }) => step);
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('S13 history and records together', () => {
  test('what both know is as the history says, and keeps its order', () => {
    const history = { entries: [entry('a', 1), entry('b', 2)] };
    expect(addRecords(history, [record('b', 2), record('a', 1)])).toEqual(history);
  });

  test('what the history holds as possible stays when the records do not have it', () => {
    const history = { entries: [entry('a', 1), entry('b', 2, { succeeded: false })] };
    expect(steps(addRecords(history, []))).toEqual(['a', 'b']);
  });

  test('what only a record knows is added as done, with all that its undoing needs', () => {
    const ledger = addRecords(none, [record('a', 7, { at: 5 })]);
    expect(entriesToUndo(ledger, 's', 'rescue')).toEqual([
      {
        step: 'a',
        kind: 'compensatable',
        compensation: 'takeBack',
        taskQueue: 'world',
        startToCloseMs: 3_000,
        input: { of: 'a' },
        succeeded: true,
        output: 'by record',
        began: 1,
        settled: 2,
        startedAt: 5,
        settledAt: 5,
      },
    ]);
  });

  test('an added entry takes its place on the saga’s clock, and all are undone strictly in reverse', () => {
    const overlapping = [entry('a', 1), entry('b', 2), entry('d', 6)];
    const { entries } = addRecords({ entries: overlapping }, [
      record('c', 4, { at: 0 }),
      record('e', 9, { at: 0 }),
    ]);
    expect(entries.map(({ step, began, settled }) => [step, began, settled])).toEqual([
      ['a', 1, 2],
      ['b', 3, 4],
      ['c', 5, 6],
      ['d', 7, 8],
      ['e', 9, 10],
    ]);
  });

  test('where one entry has no place on the clock, time orders all of them', () => {
    const { clock: _clock, ...old } = entry('a', 9, { startedAt: 2_000 });
    const ledger = addRecords({ entries: [old] }, [
      record('b', 1, { at: 3_000 }),
      record('c', undefined, { at: 1_000 }),
    ]);
    expect(steps(ledger)).toEqual(['c', 'a', 'b']);
  });

  test('what the history says is undone stays undone', () => {
    const history = { entries: [entry('a', 1, { undone: true })] };
    expect(codeOf(addRecords(history, [record('b', 2)]))).toEqual(['b']);
  });
});

describe('S13 the rules of the pivot hold from the records as well', () => {
  const pivot = record('p', 3, { kind: 'pivot' });
  const { compensation: _none, ...retriable } = record('r', 4, { kind: 'retriable' });

  test('a pivot that stands is passed, though no history knows of it', () => {
    const ledger = addRecords({ entries: [entry('a', 1)] }, [pivot]);
    expect(codeOf(ledger)).toBe('PIVOT_PASSED');
    expect(codeOf(ledger, 'reverse')).toEqual(['a', 'p']);
  });

  test('a pivot that stands is passed, though the history takes it for refused', () => {
    const history = { entries: [entry('a', 1), entry('p', 3, { kind: 'pivot', refused: true })] };
    expect(codeOf(history)).toEqual(['a']);
    const ledger = addRecords(history, [pivot]);
    expect(codeOf(ledger)).toBe('PIVOT_PASSED');
    expect(codeOf(ledger, 'reverse')).toEqual(['a', 'p']);
  });

  test('without a compensation it cannot be reversed', () => {
    const { compensation: _, ...final } = pivot;
    expect(codeOf(addRecords(none, [final]), 'reverse')).toBe('PIVOT_IRREVERSIBLE');
  });

  test('a step after the pivot proves it passed; without the pivot nothing can be reversed', () => {
    expect(codeOf(addRecords(none, [record('a', 1), retriable]))).toBe('PIVOT_PASSED');
    expect(codeOf(addRecords(none, [record('a', 1), retriable]), 'reverse')).toBe('PIVOT_IRREVERSIBLE');
    expect(codeOf(addRecords(none, [pivot, retriable]), 'reverse')).toEqual(['p']);
  });

  test.each([
    ['its kind', { kind: undefined }],
    ['its queue', { taskQueue: undefined }],
  ])('a record whose caller did not say %s cannot be undone', (_, missing) => {
    const { kind, taskQueue, ...rest } = { ...record('a', 1), ...missing };
    const old: ParticipantRecord = {
      ...rest,
      ...(kind && { kind }),
      ...(taskQueue !== undefined && { taskQueue }),
    };
    expect(codeOf(addRecords(none, [old]))).toBe('HISTORY_TOO_OLD');
  });
});
