import type { StepCall, StepKind } from '../saga';
import type { OperationName } from './fault';

/** An operation as the participants saw it. Ticks count arrivals and ends of attempts in one saga. */
export interface SeenOperation {
  readonly name: OperationName;
  readonly call: StepCall;
  /** The step's name in the run: of a saga that is a step, `book-stay.book-room`. */
  readonly step: string;
  /** The workflow that asked for its first attempt: the saga's, one nested in it, or the reversal of that one. */
  readonly workflowId: string;
  readonly argument: unknown;
  /** Of the step. */
  readonly kind: StepKind;
  /** The tick at which its first attempt arrived. */
  readonly arrived: number;
  /** The tick at which its last attempt ended; absent while one runs. */
  ended?: number;
  attempts: number;
  round: number;
  /** Whether an attempt gave an answer. */
  answered: boolean;
  /** Where its first attempt was taken from. */
  readonly taskQueue: string;
  /** When that was scheduled, in epoch milliseconds. */
  readonly at: number;
}

/** Handles an attempt of an operation instead of the participants, which `next` calls. */
export type ParticipantInterceptor = (
  attempt: { readonly argument: unknown; readonly call: StepCall; readonly operation: SeenOperation },
  next: () => Promise<unknown>,
) => Promise<unknown>;
