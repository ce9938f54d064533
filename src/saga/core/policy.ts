/** How often a stuck operation is tried again. Each round adds some ten events or more to the history. */
export interface StuckPolicy {
  /** The pause after the first round that was used up, in milliseconds; it grows fourfold. @default one minute */
  readonly firstPauseMs?: number;
  /** In milliseconds. @default six hours */
  readonly longestPauseMs?: number;
  /**
   * What a stuck compensation does to the entries before it: `wait` for it, or `go-on` with them meanwhile. The saga
   * ends only when every one is settled, either way. @default 'wait'
   */
  readonly whenStuck?: 'wait' | 'go-on';
  /**
   * How long an operation may wait for a worker to take it from its task queue before the saga is stuck, in milliseconds
   * (S19). It goes on waiting then, each round four times as long, up to six hours. @default ten minutes
   */
  readonly noWorkerAfterMs?: number;
  /** Whether another operator must confirm a skip. @default false */
  readonly skipNeedsTwo?: boolean;
}

const MINUTE = 60_000;
const LONGEST_MS = 360 * MINUTE;

/** @param round the one that was used up, from 1. @returns milliseconds */
export function pauseAfter(
  round: number,
  { firstPauseMs = MINUTE, longestPauseMs = LONGEST_MS }: StuckPolicy,
): number {
  return Math.min(firstPauseMs * 4 ** (round - 1), longestPauseMs);
}

/**
 * Grows like the pauses: each round of waiting adds events, and loses the call its place in the task queue.
 * @param round from 1. @returns milliseconds
 */
export function noWorkerAfter(round: number, { noWorkerAfterMs = 10 * MINUTE }: StuckPolicy): number {
  return Math.min(noWorkerAfterMs * 4 ** (round - 1), Math.max(LONGEST_MS, noWorkerAfterMs));
}
