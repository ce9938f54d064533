import type { Choices } from './choices';

/** How often something goes wrong in a simulation: once in so many times. @default never */
export interface FaultRates {
  /** A worker dies with a workflow task in its hands. What it has done in it is not recorded; another worker begins it again. */
  readonly lostTask?: number;
  /** A participant never gets an attempt. */
  readonly lostRequest?: number;
  /** A participant acts, and nobody learns of it. */
  readonly lostAnswer?: number;
}

/** Decides what goes wrong. */
export class Faults {
  constructor(
    private readonly choices: Choices,
    private readonly rates: FaultRates,
  ) {}

  strikes(fault: keyof FaultRates): boolean {
    const once = this.rates[fault];
    return once !== undefined && this.choices.pick(once) === once - 1;
  }
}
