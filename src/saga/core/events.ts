import type { CarriedState } from './carried';
import type { DeskDecision, ResolveDecision, RetryDecision, Signature } from './decisions';
import type { Entry } from './entry';
import type { Failure, Reason } from './failures';
import type { Interruption } from './interruptions';
import type { NestedStuck } from './ledger';
import type {
  ArrivalsAwaited,
  LeftoversFound,
  MessageReceived,
  Operation,
  OperationEvent,
  Result,
  StepRequest,
  Ticket,
  UndoneFound,
  Wait,
} from './pending';
import type { SavePoint } from './save-point';
import type { StepData } from './step';

/** What the body does or reaches. */
type BodyEvent =
  | ({ readonly type: 'step-requested' } & StepRequest)
  /** Wants to pass its pivot: what it has caught and is unknown is undone first (S9). */
  | { readonly type: 'pivot-approached'; readonly ticket: Ticket }
  | { readonly type: 'save-point-set'; readonly savePoint: SavePoint }
  | { readonly type: 'save-point-passed'; readonly savePoint: SavePoint }
  | {
      readonly type: 'save-point-failed';
      readonly ticket: Ticket;
      readonly savePoint: SavePoint;
      readonly code: string;
    }
  /** A part of it has failed, and waits for its turn to say so. */
  | { readonly type: 'part-failed'; readonly ticket: Ticket }
  | { readonly type: 'body-returned' }
  /** With a Temporal failure. */
  | { readonly type: 'body-failed'; readonly reason: Reason }
  | { readonly type: 'wait-began'; readonly wait: Wait }
  | { readonly type: 'wait-ended'; readonly wait: Wait }
  /** It has gone on as far as it can. */
  | { readonly type: 'at-rest' };

/** What comes from outside. */
type OutsideEvent =
  | { readonly type: 'interrupted'; readonly by: Interruption }
  | MessageReceived
  /**
   * This workflow task is to be in the history before an action begins inside another one: what happens from now on may follow from
   * an Update that it has accepted, or somebody waits for the answer that it brings.
   */
  | { readonly type: 'to-be-recorded'; readonly task: number }
  | ArrivalsAwaited
  | (NestedStuck & { readonly type: 'nested-reported'; readonly effectsRemain?: boolean | undefined })
  | { readonly type: 'desk-retried'; readonly decision: RetryDecision; readonly summary?: string | undefined }
  | { readonly type: 'desk-resolved'; readonly decision: ResolveDecision }
  | { readonly type: 'desk-skipped'; readonly decision: DeskDecision }
  | { readonly type: 'desk-abandoned'; readonly signature: Signature }
  /** The workflow ends: nothing waits for its turn any more. */
  | { readonly type: 'closing' };

/** Where a run begins otherwise than at the start of its body, and what a reset makes doubtful (S13, S17, S20). */
type HistoryEvent =
  /** `everyKind`: whether steps of every kind are undone, as in a rescue. */
  | { readonly type: 'restored'; readonly carried: CarriedState; readonly everyKind?: boolean }
  /** What another saga did is to be undone, and is not here yet. */
  | { readonly type: 'stack-awaited'; readonly reason: Reason }
  /** What another saga did, with steps of every kind. */
  | { readonly type: 'stack-taken-over'; readonly entries: readonly Entry[]; readonly reason: Reason }
  /** The unwinding goes on in another run as soon as nothing is under way. */
  | { readonly type: 'draining' }
  | {
      readonly type: 'earlier-runs-asked';
      readonly ticket: Ticket;
      readonly step: StepData;
      readonly question: unknown;
    }
  | LeftoversFound
  /** A step that was answered before is asked again, whether its answer still counts. */
  | { readonly type: 'confirmation-asked'; readonly ticket: Ticket; readonly entry: Entry }
  | UndoneFound;

/** What happened. */
export type Happened = BodyEvent | OperationEvent | OutsideEvent | HistoryEvent;

/** What happened, and when, in epoch milliseconds. */
export type SagaEvent = Happened & { readonly at: number };

/** What is to be done now. */
export type Command =
  /** Whoever has the ticket goes on; with the answer of the operation, if it asked for one. */
  | { readonly do: 'resume'; readonly ticket: Ticket; readonly entry?: Entry; readonly result?: Result }
  /** An action is asked to end: the sooner it settles, the sooner it is undone. */
  | { readonly do: 'cancel'; readonly entry: Entry }
  /** The saga unwinds: its deadline does not matter any more. */
  | { readonly do: 'stop-deadline' }
  /** What the saga shows of itself may have changed. */
  | { readonly do: 'publish' }
  /** To be answered by `answered`. */
  | { readonly do: 'call'; readonly operation: Operation }
  /** To be answered by `probed`. */
  | { readonly do: 'probe'; readonly operation: Operation }
  | { readonly do: 'report-stuck'; readonly operation: Operation; readonly failure: Failure }
  /** To be answered by `resumed` when an operator decides, or after this time. */
  | { readonly do: 'pause'; readonly operation: Operation; readonly ms?: number };

/** A change of the state that is under way. `now` is done first, then what is shown, then what is begun. */
export interface Change {
  readonly at: number;
  readonly now: Command[];
  readonly begun: Command[];
}
