import type { SagaOutcome } from '../client';
import type { SagaReport } from '../saga';
import type { Effect } from './effect';
import type { OperationName } from './fault';
import type { SeenOperation } from './seen-operation';

/** What came of one run of a saga. */
export interface Observation {
  readonly sagaId: string;
  readonly outcome: SagaOutcome<unknown>;
  /** Absent when the saga gave none any more. */
  readonly report?: SagaReport;
  /** In order. */
  readonly effects: readonly Effect[];
  readonly operations: ReadonlyMap<OperationName, SeenOperation>;
  /** The names of the faults that did not strike. */
  readonly notFired: readonly string[];
  /** What the run itself found wrong: a stuck saga that does not show it, a late action that had an effect. */
  readonly problems: readonly string[];
  /** Whether the saga was seen to be stuck. */
  readonly wasStuck: boolean;
  /**
   * How many workflow tasks were completed, by what comes after the saga's id in the workflow's. Empty on a server that skips
   * time, which resets nothing.
   */
  readonly tasks: ReadonlyMap<string, number>;
  /** Whether its workflow, or that of a nested saga, was reset: then operations of two runs are seen as one. */
  readonly wasReset: boolean;
  /** Its nested sagas that were reset when it was over, by the steps that they are: what they do then its report does not say. */
  readonly resetWhenOver?: ReadonlySet<string>;
  /** How the rescue of the saga has ended, if it was terminated and rescued. */
  readonly rescue?: SagaOutcome<unknown>;
  /** Whether it, or a saga nested in it, was terminated in the middle of something: what was done after that has no order. */
  readonly wasInterrupted?: boolean;
}
