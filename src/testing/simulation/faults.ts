import type { Choices } from './choices';

/** How often something goes wrong in a simulation: once in so many times. @default never */
export interface FaultRates {
  /** A worker dies with a workflow task in its hands. What it has done in it is not recorded; another worker begins it again. */
  readonly lostTask?: number;
  /**
   * A worker forgets a workflow whose task it has done: it replays the history for the next one, or for a query. Without a rate
   * it forgets those that are over, as the SDK's workers do.
   */
  readonly eviction?: number;
  /** A participant never gets an attempt. */
  readonly lostRequest?: number;
  /** A participant acts, and nobody learns of it. */
  readonly lostAnswer?: number;
  /**
   * Of participants behind the barrier: a query to their database meets a lost connection, a lost acknowledgement, a failure, its time
   * limit, the death of the participant's process, or a failover.
   */
  readonly database?: number;
}

/** Decides what goes wrong. */
export class Faults {
  constructor(
    private readonly choices: Choices,
    private readonly rates: FaultRates,
  ) {}

  /** Whether a worker forgets a workflow after its task. @param isOver no task of it comes any more */
  evicts(isOver: boolean): boolean {
    return this.rates.eviction === undefined ? isOver : this.strikes('eviction');
  }

  strikes(fault: keyof FaultRates): boolean {
    const once = this.rates[fault];
    return once !== undefined && this.choices.pick(once) === once - 1;
  }
}
