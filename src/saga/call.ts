/**
 * What passes between the orchestrator and a participant: the shapes of an action, of its
 * compensation, and of the call that identifies them. Types only, so both sides may import it.
 */

import type { StepKind } from './core/step';

export type { StepKind };

/** `do` runs a step's action, `undo` its compensation, `probe` asks whether its action happened. */
export type Operation = 'do' | 'undo' | 'probe';

/**
 * Identifies one operation of one step of one saga. Every attempt of it carries the same call:
 * it never holds a run id or an attempt number, so a retry, a reset and a rescue repeat it exactly.
 */
export interface StepCall {
  /** The namespace of the saga's workflow: the same saga id in two namespaces is two sagas (B8). */
  readonly namespace: string;
  /** The saga's workflow id. */
  readonly sagaId: string;
  /** The step's name; the n-th entry of the same step in one saga is `name#n` (from 2 on). */
  readonly step: string;
  readonly op: Operation;
  /** `namespace/sagaId/step/op`: the idempotency key to hand to an API that is not behind a barrier. A probe has its action's. */
  readonly key: string;
  /** Only with `undo`: the code of what made the saga unwind, such as `CARD_DECLINED` or `CANCELLED`. */
  readonly reason?: string;
  /** Only with `undo`: an operator has corrected the input, which is used instead of the action's (S6). */
  readonly corrected?: boolean;
  /** Only with `undo`: an operator has corrected the output, which is used instead of what the action answered (S6). */
  readonly correctedOutput?: boolean;
  /** Only with `do`: the step's kind. It and what follows stand in the history, for a rescue (S13). */
  readonly kind?: StepKind;
  /** Only with `do`: the activity that takes the action back, if there is one. */
  readonly compensation?: string;
  /** Only with `do`: the step's place in the order in which the saga's steps began and settled. */
  readonly began?: number;
}

/**
 * What a compensation is given.
 * @property output the action's output; absent when the action's outcome is unknown.
 */
export interface Undo<Input, Output> {
  readonly input: Input;
  readonly output?: Output;
}

/**
 * What a probe found out about an action by its key. `no` is a promise: it did not happen, and never will.
 */
export type Probed<Output> =
  | { readonly happened: 'yes'; readonly output: Output }
  | { readonly happened: 'no' }
  | { readonly happened: 'unknown' };

/** Asks whether an action happened. Has no effect. */
export type Probe<Input, Output> = (input: Input, call: StepCall) => Promise<Probed<Output>>;

/** A step's effect. Idempotent by `call.key`: repeating it returns the first outcome. */
export type Action<Input, Output> = (input: Input, call: StepCall) => Promise<Output>;

/** Takes an action's effect back. Succeeds when there is nothing to take back. */
export type Compensation<Input, Output> = (undo: Undo<Input, Output>, call: StepCall) => Promise<void>;

/** A record of an action that a participant did and has not undone. What its caller did not say is absent. */
export interface RemainingRecord {
  readonly sagaId: string;
  readonly step: string;
  readonly kind?: StepKind;
  /** The activity that takes the action back. */
  readonly compensation?: string;
  /** The step's place in the order in which the saga's steps began and settled. */
  readonly began?: number;
  /** Where the action ran, and its compensation can. */
  readonly taskQueue?: string;
  /** The time an attempt of the action had, in milliseconds. */
  readonly startToCloseMs?: number;
  readonly input: unknown;
  readonly output: unknown;
  /** When its transaction began, in epoch milliseconds of the database's clock. */
  readonly at: number;
}

/** A record of an action that a participant did and has undone. */
export type UndoneRecord = Pick<RemainingRecord, 'sagaId' | 'step'>;
