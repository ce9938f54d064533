import fc from 'fast-check';
import type { FaultName } from '../options';

/** A fault from outside: how long to wait before it, and a number that chooses its target and kind. */
export interface PlannedFault {
  readonly pauseMs: number;
  readonly choice: number;
}

/** The faults that come from outside the workers, each with the shortest and longest pause between two of it. */
export const pauses = {
  'kill-worker': [4_000, 9_000],
  'freeze-worker': [10_000, 20_000],
  'kill-postgres': [7_000, 14_000],
  'kill-temporal': [18_000, 32_000],
  'cut-connection': [3_000, 8_000],
  reset: [600, 2_400],
} as const satisfies Partial<Record<FaultName, readonly [number, number]>>;

export type OutsideFault = keyof typeof pauses;

/** The occurrences of one fault, in order: a function of the seed. The first comes soon. */
export function planOutsideFaults(fault: OutsideFault, seed: number, count: number): PlannedFault[] {
  const [min, max] = pauses[fault];
  const names = Object.keys(pauses);
  return fc
    .sample(fc.record({ pauseMs: fc.integer({ min, max }), choice: fc.nat(1_000_000) }), {
      seed: seed + names.indexOf(fault),
      numRuns: count,
    })
    .map((occurrence, index) =>
      index === 0 ? { ...occurrence, pauseMs: Math.round(occurrence.pauseMs / 3) } : occurrence,
    );
}
