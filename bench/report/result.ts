import type { Samples } from '../measure/samples';
import type { Spread } from '../measure/statistics';
import type { WorkflowCost } from '../measure/workflow-cost';

/** When, where and by what something was measured. */
export interface Origin {
  readonly date: string;
  readonly command: string;
  readonly machine: string;
  readonly versions: Readonly<Record<string, string>>;
}

/** All that a run of the benchmark has found. JSON. */
export interface Result extends Origin {
  readonly contenders: Readonly<Record<string, ContenderResult>>;
  readonly ratios: readonly Ratio[];
}

export interface ContenderResult {
  readonly about: string;
  readonly samples: Samples;
  readonly cost?: WorkflowCost;
}

/**
 * A figure of one contender divided by that of another, round by round: both are measured soon after each other, and what changes on
 * the machine between two rounds changes both.
 */
export interface Ratio {
  readonly name: string;
  readonly spread: Spread;
  /** What is aimed at, if anything is. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}
