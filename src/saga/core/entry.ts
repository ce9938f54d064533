import type { DeskAct } from './decisions';
import type { Failure } from './failures';
import type { SavePoint } from './save-point';
import type { StepData } from './step';

/** How an action ended (S2). Only *succeeded* and *unknown* leave something to undo. */
export type Outcome =
  | { readonly kind: 'succeeded'; readonly output: unknown }
  | {
      readonly kind: 'refused';
      readonly failure: Failure;
      /** The engine itself refused it: its participant knows nothing of this attempt. */
      readonly notCalled?: boolean;
    }
  | { readonly kind: 'unknown'; readonly failure: Failure };

/** A compensation of an entry, from its first attempt on. */
export interface Undoing {
  readonly startedAt: number;
  endedAt?: number;
  /** An operator chose to leave the action's effect. */
  skipped?: boolean;
}

/** What an operator gave another value for, each present only then. */
export interface Corrections {
  readonly input?: unknown;
  readonly output?: unknown;
  /** What people are shown beside the step from now on. */
  readonly summary?: string;
}

/** What an operator has decided about a stuck operation. */
export type Verdict =
  | { readonly verb: 'retry'; readonly corrections: Corrections }
  | { readonly verb: 'resolve'; readonly output: unknown }
  | { readonly verb: 'skip' };

/** An operation that used up a round, and waits to be tried again. */
export interface Stuck {
  readonly op: 'do' | 'undo';
  readonly since: number;
  readonly rounds: number;
  readonly failure: Failure;
  /** When the next round begins by itself, in epoch milliseconds. */
  readonly retryAt?: number;
  /** The nested saga that is stuck: it is for that saga's desk. */
  readonly nested?: string;
  /** What was decided and is not acted on yet. */
  decided?: { readonly verdict: Verdict; readonly act: DeskAct };
  /** A skip that waits for another operator to confirm it. */
  proposal?: { readonly actor: string; readonly madeAt: number };
}

/** One run of one step in one saga. */
export interface Entry {
  /** The step's name; from the second run of the same step on, `name#2`, `name#3`, … */
  readonly id: string;
  /** The saga whose keys its calls carry, where that is not this workflow: in a rescue (S13). */
  readonly sagaId?: string;
  readonly step: StepData;
  /** As it was sent. Changes only when an operator corrects it: by the ledger's `correct`. */
  input: unknown;
  /** What people are shown beside the step. */
  summary?: string;
  corrected?: boolean;
  /** What an operator says that the action answered, for its compensation. */
  correctedOutput?: { readonly output: unknown };
  /** The innermost save-point it began in. */
  readonly savePoint?: SavePoint;
  /** Position on the saga's logical clock, which ticks whenever an action begins or settles. */
  readonly began: number;
  settled?: number;
  /** What a run before a reset had done: how it ended counts until this run has called it (S17). */
  readonly earlier?: { readonly input: unknown; readonly outcome?: Outcome };
  /** Its position when it settles, where what an earlier run did comes after it (S17). */
  settlesAt?: number;
  readonly startedAt: number;
  settledAt?: number;
  outcome?: Outcome;
  undoing?: Undoing;
  stuck?: Stuck;
  /** It is a nested saga, of which something stays for good. */
  effectsRemain?: boolean;
  /** A run before a reset did it, and this run has not (S17). */
  readonly leftover?: boolean;
}

/** Whether nothing of an entry that was to be undone is left to undo. */
export function isUndone({ outcome, undoing }: Entry): boolean {
  return undoing?.endedAt !== undefined || outcome?.kind === 'refused';
}

/** Whether an operation of it runs or is stuck. */
export function isUnderWay({ outcome, undoing }: Entry): boolean {
  return !outcome || (undoing !== undefined && undoing.endedAt === undefined);
}

/** Whether it is undone only if the desk says so: a pivot of an earlier run, which may be final (S17). */
export function isHeldBack({ step, leftover }: Entry): boolean {
  return leftover === true && step.kind === 'pivot';
}

/**
 * Whether it may have had an effect that is not undone, and must be if the saga unwinds (S2). So a pivot of an earlier run is:
 * whether it is to be undone is for the desk (S17).
 */
export function isToCompensate(entry: Entry): boolean {
  const { kind, compensation } = entry.step;
  return !isUndone(entry) && ((kind === 'compensatable' && compensation !== undefined) || isHeldBack(entry));
}

/** Whether that is so, and nothing of the body relies on it, its outcome being unknown (S9) or an earlier run's (S17). */
export function isUncertain(entry: Entry): boolean {
  return isToCompensate(entry) && (entry.outcome?.kind === 'unknown' || entry.leftover === true);
}
