import { msToNumber } from '@temporalio/common/lib/time';
import type { Entry } from './core/entry';
import type { SagaErrorCode } from './core/error-codes';
import { engineFailure, STEP_UNKNOWN } from './core/failures';
import type { StuckPolicy } from './stuck-policy';
import type { StepKind } from './core/step';
import { type AnyStep, declarationOf, DEFAULT_START_TO_CLOSE_MS, type OperationOptions } from './step';

/** `rescue`: undoes what a terminated or timed out saga has left. `reverse`: compensates all of a completed saga. */
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
  /** How the action is called. @default the engine's defaults */
  readonly options?: OperationOptions;
  /** How the compensation is called. @default the engine's defaults, each attempt within `startToCloseMs` */
  readonly compensationOptions?: OperationOptions;
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

/** An entry as JSON, for another workflow to compensate; {@link restoredEntry} is the inverse. */
export function rescueEntry(entry: Entry): RescueEntry {
  const { id, step, input, corrected, summary, outcome, began, settled, startedAt, settledAt } = entry;
  const { compensation, participant } = step;
  const { options, compensationOptions } = declarationOf(entry);
  return {
    step: id,
    kind: step.kind,
    taskQueue: participant.taskQueue,
    ...(participant.name !== participant.taskQueue && { participant: participant.name }),
    action: step.action,
    ...(compensation !== undefined && { compensation }),
    ...(!isEmpty(options) && { options }),
    ...(!isEmpty(compensationOptions) && { compensationOptions }),
    startToCloseMs: msToNumber(compensationOptions.startToCloseTimeout ?? DEFAULT_START_TO_CLOSE_MS),
    ...(summary !== undefined && { summary }),
    ...(step.nested && { nested: true }),
    input,
    ...(corrected && { corrected }),
    ...(outcome?.kind === 'succeeded' ? { succeeded: true, output: outcome.output } : { succeeded: false }),
    began,
    startedAt,
    ...(settled !== undefined && Number.isFinite(settled) && { settled }),
    ...(settledAt !== undefined && { settledAt }),
  };
}

/** The ledger entry of an entry that was handed on or rebuilt; its calls carry the keys of that saga. */
export function restoredEntry(sagaId: string, carried: RescueEntry): Entry {
  const { step, kind, taskQueue, action = '', compensation, summary, corrected, succeeded } = carried;
  const declaration: AnyStep = {
    kind,
    name: step,
    // A history names only the participant's task queue, which is enough to reach it.
    participant: { name: carried.participant ?? taskQueue, taskQueue },
    action,
    ...(compensation !== undefined && { compensation }),
    ...(carried.nested && { nested: { workflow: action, taskQueue } }),
    refusals: [],
    options: carried.options ?? {},
    compensationOptions: carried.compensationOptions ?? { startToCloseTimeout: carried.startToCloseMs },
  };
  return {
    id: step,
    sagaId,
    step: declaration,
    input: carried.input,
    ...(corrected && { corrected }),
    ...(summary !== undefined && { summary }),
    began: carried.began,
    // What was in flight when the saga ended overlaps everything after it.
    settled: carried.settled ?? Infinity,
    startedAt: carried.startedAt,
    ...(carried.settledAt !== undefined && { settledAt: carried.settledAt }),
    outcome: succeeded
      ? { kind: 'succeeded', output: carried.output }
      : { kind: 'unknown', failure: UNANSWERED },
  };
}

const UNANSWERED = engineFailure(STEP_UNKNOWN, 'no success of its action is known');

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
