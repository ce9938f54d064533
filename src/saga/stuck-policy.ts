import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import type { CorePolicy } from './core/policy';

/** How often a stuck operation is tried again. Each round adds some ten events or more to the history. */
export interface StuckPolicy {
  /** The pause after the first round that was used up; it grows fourfold. @default '1 minute' */
  readonly initialInterval?: Duration;
  /** The longest pause between two rounds. @default '6 hours' */
  readonly maximumInterval?: Duration;
  /**
   * What a stuck compensation does to the entries before it: `wait` for it, or `go-on` with them meanwhile. The saga
   * ends only when every one is settled, either way. @default 'wait'
   */
  readonly whenStuck?: 'wait' | 'go-on';
  /**
   * How long an operation may wait for a worker to take it from its task queue before the saga is stuck (S19). It goes on
   * waiting then, each round four times as long, up to six hours. @default '10 minutes'
   */
  readonly scheduleToStartTimeout?: Duration;
  /** Whether another operator must confirm a skip. @default false */
  readonly skipNeedsTwo?: boolean;
}

/** A policy as the state machine takes it. */
export function corePolicy(policy: StuckPolicy = {}): CorePolicy {
  const { initialInterval, maximumInterval, scheduleToStartTimeout, whenStuck, skipNeedsTwo } = policy;
  return {
    ...(initialInterval !== undefined && { initialIntervalMs: msToNumber(initialInterval) }),
    ...(maximumInterval !== undefined && { maximumIntervalMs: msToNumber(maximumInterval) }),
    ...(scheduleToStartTimeout !== undefined && {
      scheduleToStartTimeoutMs: msToNumber(scheduleToStartTimeout),
    }),
    ...(whenStuck !== undefined && { whenStuck }),
    ...(skipNeedsTwo !== undefined && { skipNeedsTwo }),
  };
}
