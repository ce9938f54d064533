import type { StepKind } from './call';
import type { SagaErrorCode } from './core/error-codes';
import type { StuckPolicy } from './definition';
import type { Attempts } from './step';

/** `rescue`: finishes the unwinding of a saga that was ended by force. `reverse`: takes all of a saga back. */
export type RescueWhy = 'rescue' | 'reverse';

/** The reason that participants are given by a rescue. */
export const RESCUED = 'RESCUED' satisfies SagaErrorCode;
/** The reason that participants are given by a reverse. */
export const REVERSED = 'REVERSED' satisfies SagaErrorCode;

/**
 * An entry of a saga's ledger as JSON: rebuilt from the saga's history, or handed on by the saga itself. What a history
 * does not hold is optional.
 */
export interface RescueEntry {
  /** The entry's name in the saga's keys, such as `reserve-stock` or `reserve-stock#2`. */
  readonly step: string;
  readonly kind: StepKind;
  readonly taskQueue: string;
  /** The participant's name. @default its task queue */
  readonly participant?: string;
  /** The name of the action's activity, or of the nested saga's workflow. Absent in entries of earlier versions. */
  readonly action?: string;
  /** The name of the compensation's activity. A rescue accepts only entries that have one. */
  readonly compensation?: string;
  /** How the action is attempted. @default the engine's defaults */
  readonly attempts?: Attempts;
  /** How the compensation is attempted. @default the engine's defaults, each attempt within `startToCloseMs` */
  readonly compensationAttempts?: Attempts;
  /** Whether the step is a saga: then its output is what it takes to reverse that. */
  readonly nested?: boolean;
  /** The time an attempt of the action had, in milliseconds; an attempt of the compensation gets the same. */
  readonly startToCloseMs: number;
  /** What people were shown beside the action. */
  readonly summary?: string;
  readonly input: unknown;
  /** Whether an operator has corrected the input. @default false */
  readonly corrected?: boolean;
  /** Whether the action is known to have succeeded; otherwise `output` is absent, and it is unknown. */
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
  /** What may still stand of it; empty when `parts` is given. */
  readonly entries: readonly RescueEntry[];
  /** The number of parts, each a signal, in which the entries are sent because they are too large for one payload. */
  readonly parts?: number;
  /** What the saga's definition says about stuck operations. @default the defaults of {@link StuckPolicy} */
  readonly policy?: StuckPolicy;
}
