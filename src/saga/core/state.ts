import type { CarriedState } from './carried';
import type { DeskAct } from './decisions';
import type { Entry } from './entry';
import type { Reason } from './failures';
import { Interruptions } from './interruptions';
import { Ledger } from './ledger';
import type { Arrival, Operation, StepRequest, UndeliveredAnswer, Unwinding, Wait } from './pending';
import type { CorePolicy } from './policy';
import { hasFailed, type SavePoint } from './save-point';
import { runsInTask } from './step';
import type { UsageErrorCode } from './error-codes';

/** Where the saga is. `pivot`: its pivot has begun and is not known yet. */
export type Phase =
  'forward' | 'pivot' | 'committed' | 'unwinding' | 'completed' | 'compensated' | 'cancelled';

/** How a saga runs; the same from its start to its end. */
export interface SagaOptions {
  readonly policy?: CorePolicy;
  /** Whether steps run inside workflow tasks, where a lost task loses what it did (decision 0009). @default false */
  readonly express?: boolean;
  /** How many operations may be under way at a time (S18). @default any number */
  readonly atOnce?: number;
}

/**
 * All that is known of one saga, as data: `JSON.stringify` shows it. Only `transition` changes it; what is derived from it is
 * asked here.
 */
export class SagaState {
  readonly policy: CorePolicy;
  readonly express: boolean;
  readonly atOnce: number;
  readonly ledger = new Ledger();
  readonly interruptions = new Interruptions();
  /** What operators did, in order (S6). */
  readonly deskActs: DeskAct[] = [];
  waits: readonly Wait[] = [];
  phase: Phase = 'forward';
  reason?: Reason;
  /** The body failed after its pivot: a programming error, that nothing can unwind (S7, S12). */
  fault?: { readonly code: UsageErrorCode; readonly message: string };
  /** Whether no further compensation begins, since the unwinding goes on in another run (S20). */
  draining = false;
  readonly operations: Operation[] = [];
  readonly unwindings: Unwinding[] = [];
  /** Actions that wait until there is room for another one, in the order in which the body asked for them (S18). */
  readonly waitingSteps: StepRequest[] = [];
  /** What is known and the body has no answer to yet. */
  readonly undelivered: UndeliveredAnswer[] = [];
  /** Express: parts of the body that have failed, by their tickets: they come before all that is from outside. */
  readonly failures: number[] = [];
  /** What came from outside, and waits until the body has gone as far as it can; express: and no step runs. */
  readonly arrivals: Arrival[] = [];
  /** Updates and signals of the activation under way, which wait until all else of it has had its turn. */
  readonly sent: Arrival[] = [];
  failedAtPivot?: Reason;
  /** Express: the latest workflow task in which no action may begin any more. */
  closedTask = -1;
  /** After a reset: whether what earlier runs did is not known yet (S17). */
  lookingBack = false;

  constructor({ policy = {}, express = false, atOnce = Infinity }: SagaOptions = {}) {
    this.policy = policy;
    this.express = express;
    this.atOnce = atOnce;
  }

  /** Whether no further forward step may begin, since the saga unwinds or has. */
  get ending(): boolean {
    return this.phase === 'unwinding' || this.phase === 'compensated' || this.phase === 'cancelled';
  }

  /** Whether the saga has ended, one way or the other. */
  get over(): boolean {
    return this.phase === 'completed' || this.phase === 'compensated' || this.phase === 'cancelled';
  }

  /** Whether the pivot has begun. */
  get isPastForward(): boolean {
    return this.phase === 'committed' || this.phase === 'pivot';
  }

  /** Whether whoever asks from within this save-point gets no answer any more. */
  isOrphaned(savePoint: SavePoint | undefined): boolean {
    return this.ending || hasFailed(savePoint);
  }

  /** Whether another operation may begin now (S18). */
  get admits(): boolean {
    return this.ledger.underWay < this.atOnce;
  }

  /** Whether the action is tried until its outcome is known, or given up after a round as unknown. */
  isPersistent({ step }: Entry): boolean {
    return (this.express && !step.nested) || step.kind === 'pivot' || step.kind === 'retriable';
  }

  /** Express: whether a lost workflow task would lose what the step did. */
  isVolatile({ step }: Entry): boolean {
    return this.express && runsInTask(step);
  }

  /** Express: whether the operation runs inside workflow tasks. */
  runsInTask({ type, entry }: Operation): boolean {
    return type === 'act' && this.isVolatile(entry);
  }

  /** Express: whether no step runs that a lost workflow task would lose. */
  get isRecorded(): boolean {
    return !this.express || !this.ledger.inFlight.some((entry) => this.isVolatile(entry));
  }

  /**
   * Express: whether an action may begin inside this workflow task. An Update is in the history only when the task that has
   * accepted it is: if that is lost, so is the Update, and its sender learns that it failed. A signal is in the history, and yet
   * what comes while the task is lost would be handled before it when the task is repeated (decision 0009). Who waits for a milestone
   * gets the answer when the task has ended.
   */
  mayRunInTask(task: number): boolean {
    return task !== this.closedTask;
  }

  /** Whether anything waits for its turn. */
  get anyWaits(): boolean {
    return this.failures.length + this.arrivals.length + this.sent.length > 0;
  }

  /** Express: another activation begins. What it brings comes after all that was sent before. */
  activated(): void {
    this.arrivals.push(...this.sent.splice(0));
  }

  /** Whether the saga could go on in another run of its workflow now: nothing is under way (S20). */
  get mayContinue(): boolean {
    const { phase, ledger, interruptions } = this;
    const between = phase === 'forward' || phase === 'committed' || phase === 'unwinding';
    const open = phase !== 'unwinding' && ledger.hasOpenSavePoint;
    return between && !open && ledger.isQuiet() && interruptions.pending === undefined && !this.anyWaits;
  }

  /** S20: all that another run needs to go on. To be called only when it {@link mayContinue}. */
  carry(): CarriedState {
    const { phase, reason, interruptions, deskActs, ledger } = this;
    return {
      phase: phase as CarriedState['phase'],
      ...(reason && { reason }),
      interruptions: interruptions.entries,
      desk: [...deskActs],
      ledger: ledger.carry(),
    };
  }
}
