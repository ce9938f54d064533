import type { StepKind } from './call';
import type { SagaErrorCode } from './core/error-codes';

/** `rescue`: finishes the unwinding of a saga that was ended by force. `reverse`: takes all of a saga back. */
export type RescueWhy = 'rescue' | 'reverse';

/** The reason that participants are given by a rescue. */
export const RESCUED = 'RESCUED' satisfies SagaErrorCode;
/** The reason that participants are given by a reverse. */
export const REVERSED = 'REVERSED' satisfies SagaErrorCode;

/** An entry of a saga's compensation stack, rebuilt from its history. */
export interface RescueEntry {
  /** The entry's name in the saga's keys, such as `reserve-stock` or `reserve-stock#2`. */
  readonly step: string;
  readonly kind: StepKind;
  readonly taskQueue: string;
  /** The name of the compensation's activity. */
  readonly compensation: string;
  /** Whether the step is a saga: then its output is what it takes to reverse that. */
  readonly nested?: boolean;
  /** The time an attempt of the action had, in milliseconds; an attempt of the compensation gets the same. */
  readonly startToCloseMs: number;
  /** What people were shown beside the action. */
  readonly summary?: string;
  readonly input: unknown;
  /** Whether the action is known to have succeeded; otherwise it is unknown, and `output` absent. */
  readonly succeeded: boolean;
  readonly output?: unknown;
  /** Where the action began, in any order of the entries in which events have numbers. */
  readonly began: number;
  /** Where it was answered, in the same order; absent if it was still in flight. */
  readonly settled?: number;
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly settledAt?: number;
}

/** What {@link rescueSaga} is started with. */
export interface RescueInput {
  /** The saga to undo: its calls carry this id, so each is the call that the saga itself would have made. */
  readonly sagaId: string;
  /** The run from whose history the entries are; absent when they are from elsewhere. */
  readonly runId?: string;
  readonly why: RescueWhy;
  /** What may still stand of it. */
  readonly entries: readonly RescueEntry[];
}
