import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compensatable, participant, type Action, type Compensation } from '../../src/saga';
import type { Entry, Outcome } from '../../src/saga/core/entry';
import { Ledger } from '../../src/saga/core/ledger';
import { isWithin, type SavePoint } from '../../src/saga/core/save-point';

type Activities = { act: Action<null, null>; takeBack: Compensation<null, null> };
const world = participant<Activities>({ name: 'world', taskQueue: 'world' });
const step = (name: string) => compensatable(world, { name, action: 'act', compensation: 'takeBack' });

const succeeded: Outcome = { kind: 'succeeded', output: null };
const refused: Outcome = { kind: 'refused', failure: { code: 'NO', message: 'no' } };
const unknown: Outcome = { kind: 'unknown', failure: { code: 'TIMEOUT', message: 'timeout' } };

/**
 * Plays a history of begins and settles: each number is a step, its second mention settles it.
 * @param behind the save-point that each step begins behind, if any.
 */
function play(
  history: readonly number[],
  outcomes: readonly Outcome[],
  ledger = new Ledger(),
  behind: readonly (SavePoint | undefined)[] = [],
): Ledger {
  const running = new Map<number, Entry>();
  for (const id of history) {
    const entry = running.get(id);
    if (entry) ledger.settle(entry, outcomes[id] ?? succeeded, 0);
    else running.set(id, ledger.begin(step(`s${id}`), { at: 0, input: null, savePoint: behind[id] }));
  }
  return ledger;
}

/** The waves that the ledger foretells. */
const foretold = (ledger: Ledger) => ledger.undoPlan.map((wave) => wave.map(({ id }) => id));

/** Undoes everything, in waves of what is ready at once; each wave ends before the next. */
function waves(ledger: Ledger): string[][] {
  const chosen = ledger.toCompensate;
  const order: string[][] = [];
  for (let ready = ledger.ready(chosen); ready.length > 0; ready = ledger.ready(chosen)) {
    order.push(ready.map((entry) => entry.id));
    for (const entry of ready) ledger.beginUndo(entry, 0);
    for (const entry of ready) ledger.endUndo(entry, 0);
  }
  return order;
}

describe('S3 the order, without a server', () => {
  test('a sequence is undone in reverse', () => {
    expect(waves(play([0, 0, 1, 1, 2, 2], []))).toEqual([['s2'], ['s1'], ['s0']]);
  });

  test('overlapping entries are undone at once, the latest started first', () => {
    expect(waves(play([0, 1, 2, 1, 0, 2], []))).toEqual([['s2', 's1', 's0']]);
  });

  test('an entry waits for what began after it had settled, and for nothing else', () => {
    // s0 overlaps everything; s2 began after s1 had settled.
    expect(waves(play([0, 1, 1, 2, 2, 0], []))).toEqual([['s2', 's0'], ['s1']]);
  });

  test('a refused entry is neither undone nor waited for', () => {
    expect(waves(play([0, 0, 1, 1, 2, 2], [succeeded, refused, unknown]))).toEqual([['s2'], ['s0']]);
  });

  test('nothing is ready while an action is in flight', () => {
    const ledger = play([0, 1, 0], []);
    expect(ledger.ready(ledger.toCompensate)).toEqual([]);
  });

  test('what is in flight is foretold as if it settled last', () => {
    expect(foretold(play([0, 0, 1, 2, 2], []))).toEqual([['s2', 's1'], ['s0']]);
  });
});

describe('S3 the order, for every history', () => {
  const histories = fc.integer({ min: 1, max: 7 }).chain((steps) =>
    fc.tuple(
      fc.shuffledSubarray(
        Array.from({ length: steps * 2 }, (_, index) => Math.floor(index / 2)),
        { minLength: steps * 2 },
      ),
      fc.array(fc.constantFrom(succeeded, refused, unknown), { minLength: steps, maxLength: steps }),
      fc.infiniteStream(fc.nat()),
    ),
  );

  test('for every history the plan foretells the waves in which it is undone', () => {
    fc.assert(
      fc.property(histories, ([history, outcomes]) => {
        const ledger = play(history, outcomes);
        const plan = foretold(ledger);
        expect(waves(ledger)).toEqual(plan);
      }),
      { numRuns: 500, verbose: true },
    );
  });
  /** Undoes the chosen entries at any speed of their compensations, and holds them to the order of S3. */
  function undoInOrder(ledger: Ledger, chosen: readonly Entry[], choices: Iterator<number>): Entry[] {
    const running: Entry[] = [];
    const undone: Entry[] = [];
    for (;;) {
      for (const entry of ledger.ready(chosen)) {
        for (const later of chosen) {
          if (later.began > (entry.settled ?? 0)) expect(undone).toContain(later);
        }
        expect(entry.undoing).toBeUndefined();
        ledger.beginUndo(entry, 0);
        running.push(entry);
      }
      if (running.length === 0) return undone;
      // Whoever else would unwind any of it sees, for as long as anything is left, that it has to wait.
      expect(ledger.isQuiet()).toBe(false);
      const [ended] = running.splice((choices.next().value ?? 0) % running.length, 1);
      ledger.endUndo(ended as Entry, 0);
      undone.push(ended as Entry);
    }
  }

  test('for every history and every speed of compensations: all that may have happened is undone once, in order', () => {
    fc.assert(
      fc.property(histories, ([history, outcomes, choices]) => {
        const ledger = play(history, outcomes);
        const undone = undoInOrder(ledger, ledger.toCompensate, choices);
        const expected = ledger.entries.filter((entry) => entry.outcome?.kind !== 'refused');
        expect(new Set(undone)).toEqual(new Set(expected));
        expect(undone).toHaveLength(expected.length);
        expect(ledger.toCompensate).toEqual([]);
      }),
      { numRuns: 500, verbose: true },
    );
  });

  /** A tree of three save-points, each in an earlier one or in the saga itself (-1), and one of them for every step. */
  const trees = fc.tuple(
    fc.tuple(fc.constant(-1), fc.integer({ min: -1, max: 0 }), fc.integer({ min: -1, max: 1 })),
    fc.array(fc.integer({ min: -1, max: 2 }), { minLength: 7, maxLength: 7 }),
    fc.integer({ min: 0, max: 2 }),
  );

  test('S9 for every history and every nesting of save-points: one undoes what is within it in order, the saga the rest', () => {
    fc.assert(
      fc.property(histories, trees, ([history, outcomes, choices], [parents, places, failing]) => {
        const ledger = new Ledger();
        const savePoints: SavePoint[] = [];
        for (const parent of parents) {
          const within = savePoints[parent];
          savePoints.push({ ...(within && { within }), failed: false, ended: false });
        }
        for (const savePoint of savePoints) ledger.addSavePoint(savePoint);
        play(
          history,
          outcomes,
          ledger,
          places.map((place) => savePoints[place]),
        );
        const failed = savePoints[failing] as SavePoint;
        failed.failed = true;
        for (const outer of [undefined, failed.within]) expect(ledger.isQuiet(outer)).toBe(false);
        expect(ledger.isQuiet(failed)).toBe(true);

        const own = ledger.toCompensate.filter((entry) => isWithin(entry.savePoint, failed));
        const others = ledger.toCompensate.filter((entry) => !own.includes(entry));
        expect(new Set(undoInOrder(ledger, own, choices))).toEqual(new Set(own));
        expect(ledger.toCompensate).toEqual(others);
        failed.ended = true;

        play([0, 0], [succeeded], ledger);
        const rest = ledger.toCompensate;
        expect(rest).toHaveLength(others.length + 1);
        expect(undoInOrder(ledger, rest, choices)).toHaveLength(rest.length);
        expect(ledger.toCompensate).toEqual([]);
      }),
      { numRuns: 500, verbose: true },
    );
  });
});
