import type { SearchAttributePair } from '@temporalio/common';

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
  readonly stuck?: StuckPolicy;
  readonly [result]?: Result;
}

/** How often a stuck operation is tried again. Each round adds some ten events or more to the history. */
export interface StuckPolicy {
  /** The pause after the first round that was used up, in milliseconds; it grows fourfold. @default one minute */
  readonly firstPauseMs?: number;
  /** In milliseconds. @default six hours */
  readonly longestPauseMs?: number;
}

declare const result: unique symbol;

/** Declares a saga. See {@link SagaDefinition}. */
export function defineSaga<Input, Result>(
  definition: SagaDefinition<Input, Result>,
): SagaDefinition<Input, Result> {
  return definition;
}
