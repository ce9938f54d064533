import type { NestedRuns } from './carried';
import type { Entry, Outcome } from './entry';
import type { ProbeAnswer } from './ledger';
import type { SavePoint } from './save-point';
import type { StepData } from './step';

/* What of a saga is under way, or waits. */

/** Names whoever waits for something: it is resumed by this number. */
export type Ticket = number;

/** The body asks for a step. */
export interface StepRequest {
  readonly ticket: Ticket;
  readonly step: StepData;
  /** A copy that nobody changes. */
  readonly input: unknown;
  /** What people are shown beside it. */
  readonly summary?: string | undefined;
  readonly savePoint?: SavePoint | undefined;
}

/** A step is known, and whoever asked for it may learn so. */
export interface UndeliveredAnswer {
  readonly ticket: Ticket;
  readonly entry: Entry;
}

/** How an operation ended: by itself, or because an operator skipped it. */
export type Result = Outcome | { readonly kind: 'skipped' };

/**
 * An operation of an entry that goes on in rounds until its result is known, or given up. `confirm` repeats an action that
 * was answered before, to hear whether its answer still counts (S17); `look-back` asks what earlier runs did.
 */
export interface Operation {
  readonly type: 'act' | 'compensate' | 'confirm' | 'look-back';
  readonly entry: Entry;
  /** Of whoever waits for it; a compensation has none. */
  readonly ticket?: Ticket;
  /** Of a compensation: the code of what made the saga unwind. */
  readonly reason?: string;
  /** When it was first called. */
  readonly since: number;
  /** From 1. */
  round: number;
  /** Whether it is called only when an operator says so (S17). */
  held: boolean;
}

/**
 * Compensates some entries once nothing of theirs is in flight and no earlier unwinding runs, in the order of S3, independent
 * ones at once.
 *
 * - `saga`: all that is done, since the saga fails;
 * - `rescue`: the same, with steps of every kind (S13);
 * - `save-point`: what a part of the body did that has failed (S9);
 * - `before-pivot`, `before-end`: what the body has caught and is unknown, before the saga passes its pivot or completes (S9).
 */
export interface Unwinding {
  readonly of: 'saga' | 'rescue' | 'save-point' | 'before-pivot' | 'before-end';
  /** The code that participants are given. */
  readonly reason: string;
  /** Narrows what must be quiet to what is within it. */
  readonly savePoint?: SavePoint;
  /** Of whoever waits for its end. */
  readonly ticket?: Ticket;
  /** Whether there was anything to undo when it began. */
  readonly hadAny: boolean;
  chosen: readonly Entry[];
  ended: boolean;
}

/** What the body says it waits for, in epoch milliseconds; for the report only. */
export interface Wait {
  readonly what: string;
  readonly since: number;
  readonly until?: number;
}

/** Something for the body came; `sentIn`: with which workflow task, if it is an Update or a signal, and not a timer. */
export interface MessageReceived {
  readonly type: 'message-received';
  readonly ticket: Ticket;
  readonly sentIn?: number | undefined;
}

/** Whoever sends this is resumed when what came before has had its turn. */
export interface ArrivalsAwaited {
  readonly type: 'arrivals-awaited';
  readonly ticket: Ticket;
}

/** What earlier runs did and this run has not, in the order in which it began there (S17). */
export interface LeftoversFound {
  readonly type: 'leftovers-found';
  readonly ticket: Ticket;
  /** The entry that has asked. */
  readonly asked: Entry;
  readonly answer: unknown;
  readonly entries: readonly Entry[];
  readonly nestedRuns?: NestedRuns | undefined;
  /** Whether one of them has completed. */
  readonly completed?: boolean | undefined;
  /** Workflow ids of nested sagas that have ended without telling this run. */
  readonly lost?: readonly string[] | undefined;
}

/** These were undone before a reset, so nothing may follow from their answers (S17). */
export interface UndoneFound {
  readonly type: 'undone-found';
  readonly ticket: Ticket;
  readonly entries: readonly Entry[];
}

/** What becomes of the operations. */
export type OperationEvent =
  | {
      readonly type: 'answered';
      readonly operation: Operation;
      readonly outcome: Outcome;
      /** Whether the history has no room for another round that nobody has asked for (S14). */
      readonly noRoom?: boolean;
      /** Whether something of the nested saga that was reversed stays for good (S10). */
      readonly effectsRemain?: boolean;
    }
  /** Without an answer the probe does not know either. */
  | { readonly type: 'probed'; readonly operation: Operation; readonly answer?: ProbeAnswer }
  /** The pause is over, or an operator has decided. `cancelled`: whoever waits for it gives up. */
  | { readonly type: 'resumed'; readonly operation: Operation; readonly cancelled?: boolean };

/** What waits for its turn. */
export type Arrival =
  | OperationEvent
  | { readonly type: 'interruption' }
  | MessageReceived
  | ArrivalsAwaited
  | LeftoversFound
  | UndoneFound;
