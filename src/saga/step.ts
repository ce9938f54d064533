import type { Duration } from '@temporalio/common';
import type { Entry } from './core/entry';
import type { StepKind } from './core/step';
import type { SagaDefinition } from './definition';
import type {
  CompensationsFor,
  InputOf,
  OutputOf,
  Participant,
  ParticipantActivities,
  ProbesFor,
} from './participant';

export type { StepKind };

/** The steps that run before the pivot. */
export type ForwardKind = 'compensatable' | 'irreversible' | 'read-only';

/** What an attempt may take where its step does not say. */
export const DEFAULT_START_TO_CLOSE_MS = 10_000;

/** The longest attempt that is a local activity: a saga that was terminated is not read before such an attempt must have ended (S17). */
export const LONGEST_LOCAL_MS = 10_000;

/**
 * How an operation of a step is called, in the words of Temporal's `ActivityOptions`. A round is the attempts that Temporal
 * makes under one retry policy.
 */
export interface OperationOptions {
  /**
   * The time one attempt may take, from its start. Longer than the participant's statement timeout (B7). A step of an express
   * saga that may take longer than ten seconds is no local activity.
   * @default '10s'
   */
  readonly startToCloseTimeout?: Duration;
  /**
   * The time within which the participant must show that it lives: it does so by itself behind the barrier. For a long
   * attempt: one whose worker is gone is tried again after this time, and a cancellation reaches one that runs. A local
   * activity of an express saga has none.
   * @default none
   */
  readonly heartbeatTimeout?: Duration;
  readonly retry?: OperationRetryPolicy;
}

/** The retry policy of one round, as in Temporal's `RetryPolicy`. */
export interface OperationRetryPolicy {
  /**
   * The attempts in a round. When they are used up a forward step's outcome is *unknown*; a pivot, a
   * retriable step and a compensation are *stuck*, and tried again in another round after a pause.
   * @default 6 for actions before the pivot, 10 for what is retried until it is known
   */
  readonly maximumAttempts?: number;
  /** The pause after a round's first failed attempt. @default '500ms' */
  readonly initialInterval?: Duration;
  /** The factor by which each pause is longer than the one before. @default 2 */
  readonly backoffCoefficient?: number;
  /** The longest pause between two attempts of a round. @default '30s' */
  readonly maximumInterval?: Duration;
}

/** A step as the engine sees it. Made by {@link compensatable}, {@link readOnly}, {@link pivot} or {@link retriable}. */
export interface Step<Kind extends StepKind, Input, Output> {
  readonly kind: Kind;
  /** Unique in its saga; part of every idempotency key, so it must not change while sagas run. */
  readonly name: string;
  readonly participant: { readonly name: string; readonly taskQueue: string };
  readonly action: string;
  readonly compensation?: string;
  readonly probe?: string;
  /** The saga that this step is (S10). */
  readonly nested?: NestedSaga;
  /** Why an irreversible step may stand when the saga unwinds. */
  readonly irreversible?: string;
  readonly refusals: readonly string[];
  readonly summary?: (input: Input) => string;
  readonly options: OperationOptions;
  readonly compensationOptions: OperationOptions;
  readonly [output]?: Output;
}

declare const output: unique symbol;

/** What a step keeps of the saga that it is. */
export type NestedSaga = Pick<
  SagaDefinition<unknown, unknown>,
  'workflow' | 'taskQueue' | 'placement' | 'stuck' | 'summary' | 'details' | 'attributes' | 'priority'
>;

/** A step that is a saga. */
export type NestedStep<Input, Result> = Step<'compensatable', Input, Result> & {
  readonly nested: NestedSaga;
};

/** Any step, where its input and output do not matter. */
export type AnyStep = Step<StepKind, never, unknown>;

/** The declaration of an entry's step: the core keeps it as it is, and reads only the data in it. */
export function declarationOf({ step }: Entry): AnyStep {
  return step as AnyStep;
}

/** What every step declares. */
export interface StepDeclaration<A, Name extends keyof A & string> {
  /** Lower-case words joined by dashes, such as `reserve-stock`. */
  readonly name: string;
  readonly action: Name;
  /** What the Web UI and the report show beside the step, from its input; at most 200 bytes are kept. */
  readonly summary?: (input: InputOf<A[Name]>) => string;
  readonly options?: OperationOptions;
}

/** What a step declares whose participant may say no. */
export interface RefusableDeclaration {
  /** The failure types by which the action says: no, and nothing happened. Any other failure is *unknown*. */
  readonly refusals?: readonly string[];
}

/** The step that a declaration makes: with the input and output of its action. */
export type StepOf<Kind extends StepKind, A, Name extends keyof A> = Step<
  Kind,
  InputOf<A[Name]>,
  OutputOf<A[Name]>
>;

/** Declares a step that can be undone. The compensation is checked against the action's input and output. */
export function compensatable<A extends ParticipantActivities, Name extends keyof A & string>(
  participant: Participant<A>,
  declaration: StepDeclaration<A, Name> &
    RefusableDeclaration & {
      readonly compensation: CompensationsFor<A, InputOf<A[Name]>, OutputOf<A[Name]>>;
      /**
       * An activity that says by its key whether the action happened: asked before an action whose outcome is unknown
       * is undone. For a participant whose effect is behind someone else's API.
       */
      readonly probe?: ProbesFor<A, InputOf<A[Name]>, OutputOf<A[Name]>>;
      readonly compensationOptions?: OperationOptions;
    },
): StepOf<'compensatable', A, Name> {
  return build('compensatable', participant, declaration);
}

/** Declares a step that nothing can undo, such as a message to a person; `irreversible` says why that is acceptable. */
export function irreversible<A extends ParticipantActivities, Name extends keyof A & string>(
  participant: Participant<A>,
  declaration: StepDeclaration<A, Name> & RefusableDeclaration & { readonly irreversible: string },
): StepOf<'irreversible', A, Name> {
  return build('irreversible', participant, declaration);
}

/** Declares a step without an effect: it is called like any other and never undone. */
export function readOnly<A extends ParticipantActivities, Name extends keyof A & string>(
  participant: Participant<A>,
  declaration: StepDeclaration<A, Name> & RefusableDeclaration,
): StepOf<'read-only', A, Name> {
  return build('read-only', participant, declaration);
}

/**
 * Declares the point of no return: retried until it has succeeded or was refused (S7). Its compensation is no part
 * of an unwinding: only an explicit reverse of the saga runs it (S13). Without one the saga cannot be reversed.
 */
export function pivot<A extends ParticipantActivities, Name extends keyof A & string>(
  participant: Participant<A>,
  declaration: StepDeclaration<A, Name> &
    RefusableDeclaration & {
      readonly compensation?: CompensationsFor<A, InputOf<A[Name]>, OutputOf<A[Name]>>;
    },
): StepOf<'pivot', A, Name> {
  return build('pivot', participant, declaration);
}

/** Declares a step after the pivot: it must not be able to refuse, and is retried until it succeeds (S7). */
export function retriable<A extends ParticipantActivities, Name extends keyof A & string>(
  participant: Participant<A>,
  declaration: StepDeclaration<A, Name>,
): StepOf<'retriable', A, Name> {
  return build('retriable', participant, declaration);
}

/**
 * Declares another saga as a step of this one (S10), before the pivot. It runs as a child workflow of its own, under the id
 * `<saga>.<step>`. One that fails has unwound itself, and counts as refused with its reason's code; one that completed is
 * reversed by this saga's unwinding, with its own keys; one that is stuck shows in this saga.
 */
export function nested<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  declaration: { readonly name: string; readonly summary?: (input: Input) => string },
): NestedStep<Input, Result> {
  const { workflow, taskQueue } = definition;
  return {
    ...build(
      'compensatable',
      { name: workflow, taskQueue },
      { action: workflow, compensation: RESCUE, ...declaration },
    ),
    nested: definition as SagaDefinition<unknown, unknown>,
  };
}

/** The workflow type by which a saga is undone from outside. */
export const RESCUE = 'rescueSaga';

function build<Kind extends StepKind, Input, Output>(
  kind: Kind,
  participant: { readonly name: string; readonly taskQueue: string },
  declaration: RefusableDeclaration & {
    readonly name: string;
    readonly action: string;
    readonly compensation?: string;
    readonly probe?: string;
    readonly irreversible?: string;
    readonly summary?: (input: Input) => string;
    readonly options?: OperationOptions;
    readonly compensationOptions?: OperationOptions;
  },
): Step<Kind, Input, Output> {
  const { refusals = [], options = {}, compensationOptions = {}, ...rest } = declaration;
  return { kind, participant, refusals, options, compensationOptions, ...rest };
}
