import type { Duration, Priority, SearchAttributePair } from '@temporalio/common';
import type { Placement } from './memo';
import type { StuckPolicy } from './stuck-policy';

/**
 * What a saga is called and how it is started: shared by its workflow and its clients, and free of both.
 * `Input` and `Result` are those of the workflow function.
 */
export interface SagaDefinition<Input, Result> {
  /** The name of the exported workflow function. */
  readonly workflow: string;
  /** The task queue of the orchestrator's workers. */
  readonly taskQueue: string;
  /** The workflow id for an input: readable, and the same for the same business object, so that it runs once. */
  readonly idOf: (input: Input) => string;
  /** One line for people, shown by the Web UI; at most 200 bytes. */
  readonly summary?: (input: Input) => string;
  /** Markdown for people, shown by the Web UI; at most 20 KB. */
  readonly details?: (input: Input) => string;
  /** Further search attributes, set at the start; the namespace must know them. */
  readonly attributes?: (input: Input) => SearchAttributePair[];
  /**
   * Temporal's priority and fairness of its tasks, such as `({ tenant }) => ({ fairnessKey: tenant })`: the order in which the server
   * serves what waits in a task queue. Its activities inherit it, a rescue and a reverse have it too, and a nested saga inherits
   * each field that its own definition does not set. Fairness has an effect only if the server enables it.
   * @default none: the server's default; for a nested saga, the priority of its parent
   */
  readonly priority?: (input: Input) => Priority;
  /** Where its steps run, unless the client is configured otherwise. @default 'participants' */
  readonly placement?: Placement;
  readonly stuck?: StuckPolicy;
  /**
   * The time from its start after which a saga that has not passed its pivot unwinds (S8): a timer inside the workflow,
   * unlike the server's timeouts, which would kill the compensations. @default none
   */
  readonly deadline?: Duration;
  /**
   * The events that a run's history may have, the whole unwinding included (S14): a step begins only while there is room for
   * it and for what would be undone, as far as that could not go on in another run. A server terminates at 51,200 unless it
   * is set otherwise.
   * @default 50,000
   */
  readonly maxHistoryEvents?: number;
  readonly [result]?: Result;
}

declare const result: unique symbol;

/** Declares a saga. See {@link SagaDefinition}. */
export function defineSaga<Input, Result>(
  definition: SagaDefinition<Input, Result>,
): SagaDefinition<Input, Result> {
  return definition;
}
