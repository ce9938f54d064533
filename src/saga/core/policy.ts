/** What a saga's definition says about stuck operations, in milliseconds. */
export interface CorePolicy {
  readonly initialIntervalMs?: number;
  readonly maximumIntervalMs?: number;
  readonly scheduleToStartTimeoutMs?: number;
  readonly whenStuck?: 'wait' | 'go-on';
  readonly skipNeedsTwo?: boolean;
}

const MINUTE_MS = 60_000;
const LONGEST_MS = 360 * MINUTE_MS;

/** @param round the one that was used up, from 1. @returns milliseconds */
export function pauseAfter(
  round: number,
  { initialIntervalMs = MINUTE_MS, maximumIntervalMs = LONGEST_MS }: CorePolicy,
): number {
  return Math.min(initialIntervalMs * 4 ** (round - 1), maximumIntervalMs);
}

/**
 * How long a round's call may wait for a worker. Grows like the pauses: each round of waiting adds events, and loses the call
 * its place in the task queue.
 * @param round from 1. @returns milliseconds
 */
export function scheduleToStartTimeout(
  round: number,
  { scheduleToStartTimeoutMs = 10 * MINUTE_MS }: CorePolicy,
): number {
  return Math.min(
    scheduleToStartTimeoutMs * 4 ** (round - 1),
    Math.max(LONGEST_MS, scheduleToStartTimeoutMs),
  );
}
