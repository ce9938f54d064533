import type { Action, Compensation, Probe, Undo } from './call';

/** The activities of one participant, by name: actions and compensations. */
export type ParticipantActivities = object;

declare const activities: unique symbol;

/** A service that takes part in sagas: its name in reports and the task queue its workers poll. */
export interface Participant<A extends ParticipantActivities> {
  readonly name: string;
  readonly taskQueue: string;
  /** Never there at run time: carries the activities' types to the steps. */
  readonly [activities]?: A;
}

/** Names a participant and the type of its activities. The activities themselves run in its own workers. */
export function participant<A extends ParticipantActivities>(service: {
  readonly name: string;
  readonly taskQueue: string;
}): Participant<A> {
  return service;
}

/** The input of an action. */
export type InputOf<F> = F extends Action<infer Input, infer _Output> ? Input : never;
/** The output of an action. */
export type OutputOf<F> = F extends Action<infer _Input, infer Output> ? Output : never;

/** The names of the activities in `A` that can take back what `Input` and `Output` describe. */
export type CompensationsFor<A, Input, Output> = {
  [Name in keyof A & string]: A[Name] extends (undo: infer U, ...rest: never[]) => unknown
    ? Undo<Input, Output> extends U
      ? A[Name] extends Compensation<Input, Output>
        ? Name
        : never
      : never
    : never;
}[keyof A & string];

/** The names of the activities in `A` that can tell whether an action of `Input` and `Output` happened. */
export type ProbesFor<A, Input, Output> = {
  [Name in keyof A & string]: A[Name] extends Probe<Input, Output> ? Name : never;
}[keyof A & string];
