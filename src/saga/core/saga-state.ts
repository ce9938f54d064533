import type { StuckPolicy } from '../definition';
import type { CarriedState, NestedRuns } from './carried';
import type { AnyStep } from '../step';
import { Desk } from './desk';
import { runsInTask } from './express';
import { engineFailure, type Reason, RESET_AFTER_UNDO, SagaUsageError, STEP_UNKNOWN } from './failures';
import { type Interruption, interruptionReasons, Interruptions } from './interruptions';
import { type Entry, isUndone, type Outcome } from './entry';
import { Ledger } from './ledger';
import { hasFailed, isWithin, type SavePoint } from './save-point';
import { Turns } from './turns';
import { Unwinding, type UnwindingOf } from './unwinding';

/** Where the saga is. `pivot`: its pivot has begun and is not known yet. */
export type Phase =
  'forward' | 'pivot' | 'committed' | 'unwinding' | 'completed' | 'compensated' | 'cancelled';

/** What the body says it waits for, in epoch milliseconds; for the report only. */
export interface Wait {
  readonly what: string;
  readonly since: number;
  readonly until?: number;
}

/** A compensation to begin. */
export interface Due {
  readonly entry: Entry;
  readonly reason: string;
}

/** What the body does when it is told how an action ended. */
interface Told {
  readonly entry: Entry;
  readonly goOn: () => void;
}

/**
 * One saga as a state machine: it is told what happened, and says what is to be done. Knows no Temporal, calls
 * nothing and waits for nothing, so every way through it can be explored without a server (`test/explorer`).
 *
 * After each change ask {@link canAdvance} and {@link takeCancellations}, do what they say, and {@link tell} the body.
 */
export class SagaState {
  readonly ledger: Ledger;
  readonly desk: Desk;
  readonly interruptions = new Interruptions();
  readonly waits = new Set<Wait>();
  readonly turns: Turns;
  phase: Phase = 'forward';
  reason?: Reason;
  /** The body failed after its pivot: a programming error, that nothing can unwind (S7, S12). */
  fault?: SagaUsageError;
  /** Whether no further compensation begins, since the unwinding goes on in another run (S20). */
  draining = false;
  private readonly unwindings: Unwinding[] = [];
  private readonly toCancel: Entry[] = [];
  /** What is known and the body is not told yet. */
  private readonly untold: Told[] = [];
  private failedAtPivot?: Reason;
  /** Of what is undone before the pivot begins. */
  private approach?: Unwinding;
  private heardIn = -1;
  /** After a reset: whether what earlier runs did is not known yet (S17). */
  private lookingBack = false;

  /**
   * @param express whether steps run inside workflow tasks, where a lost task loses what it did: see decision 0009.
   * @param now the time in epoch milliseconds, for the report only.
   * @param atOnce how many operations may be under way at a time (S18).
   */
  constructor(
    readonly policy: StuckPolicy,
    readonly express: boolean,
    private readonly now: () => number,
    readonly atOnce = Infinity,
  ) {
    this.ledger = new Ledger(now);
    this.turns = new Turns(express);
    this.desk = new Desk(
      (step) => this.ledger.entries.find(({ id }) => id === step),
      policy.skipNeedsTwo ?? false,
    );
  }

  /** Whether no further forward step may begin, since the saga unwinds or has. */
  get ending(): boolean {
    return this.phase === 'unwinding' || this.phase === 'compensated' || this.phase === 'cancelled';
  }

  /** Whether the saga has ended, one way or the other. */
  get over(): boolean {
    return this.phase === 'completed' || this.phase === 'compensated' || this.phase === 'cancelled';
  }

  /** Whether whoever asks from within this save-point gets no answer any more. */
  isOrphaned(savePoint: SavePoint | undefined): boolean {
    return this.ending || hasFailed(savePoint);
  }

  /** @throws SagaUsageError `STEP_AFTER_PIVOT` */
  refuseAfterPivot(rule: string): void {
    if (this.phase === 'committed' || this.phase === 'pivot')
      throw new SagaUsageError('STEP_AFTER_PIVOT', rule);
  }

  /** S1: to be called before the action is. @returns nothing when the body may not begin it any more. */
  begin(step: AnyStep, input: unknown, savePoint?: SavePoint): Entry | undefined {
    if (this.over || this.isOrphaned(savePoint)) return undefined;
    return this.ledger.begin(step, input, savePoint);
  }

  /** Whether another operation may begin now (S18). */
  get admits(): boolean {
    return this.ledger.underWay < this.atOnce;
  }

  /** Whether the action is tried until its outcome is known, or given up after a round as unknown. */
  isPersistent({ step }: Entry): boolean {
    return (this.express && !step.nested) || step.kind === 'pivot' || step.kind === 'retriable';
  }

  /** An operation that was stuck got through, or was decided (S6). */
  unstuck(entry: Entry): void {
    delete entry.stuck;
    this.desk.close(entry);
  }

  /** Express: whether no step runs that a lost workflow task would lose. */
  get isRecorded(): boolean {
    return !this.ledger.inFlight.some(({ step }) => this.isVolatile(step));
  }

  /**
   * An action has ended.
   * @param goOn what the body does about it: called by {@link tell}, and never if the body may not go on any more.
   */
  settle(entry: Entry, outcome: Outcome, goOn: () => void): void {
    const know = () => {
      this.ledger.settle(entry, outcome);
      if (entry.step.kind === 'pivot') this.pivotKnown(outcome.kind === 'succeeded');
      this.untold.push({ entry, goOn });
    };
    if (this.isVolatile(entry.step)) know();
    else this.turns.arrived(know);
  }

  /**
   * Tells the body what it may know by now. Express: when no step runs, in the order in which the steps began. The
   * answers of a repeated workflow task come in another order, and the body must go the same way (decision 0009).
   */
  tell(): void {
    if (!this.isRecorded) return;
    const inOrder = this.untold.splice(0).sort((a, b) => a.entry.began - b.entry.began);
    for (const { entry, goOn } of inOrder) if (!this.isOrphaned(entry.savePoint)) goOn();
  }

  /**
   * The body asks for its pivot: what it has caught and is unknown is undone first (S9).
   * @returns that unwinding, after whose end the pivot may {@link begin}; nothing when it may not any more.
   * @throws SagaUsageError
   */
  approachPivot(step: AnyStep): Unwinding | undefined {
    if (this.ending) return undefined;
    if (this.phase === 'committed' || this.phase === 'pivot')
      throw new SagaUsageError('SECOND_PIVOT', `${step.name}: a saga passes one pivot`);
    const [running] = this.ledger.inFlight;
    if (running) this.refusePivot(step, `${running.id} runs`);
    if (this.ledger.hasOpenSavePoint) this.refusePivot(step, 'a save-point is open: await it first');
    this.phase = 'pivot';
    const anyLoose = this.ledger.looseBeforePivot.length > 0;
    this.approach = this.unwind({
      choose: () => (this.ending ? [] : this.ledger.looseBeforePivot),
      reason: STEP_UNKNOWN,
      onOver: () => {
        if (this.failedAtPivot || (anyLoose && this.interruptions.pending)) this.pivotKnown(false);
      },
    });
    return this.approach;
  }

  /** @returns nothing when the body may not go on any more. @throws SagaUsageError `STEP_AFTER_PIVOT` */
  setSavePoint(within?: SavePoint): SavePoint | undefined {
    if (this.isOrphaned(within)) return undefined;
    this.refuseAfterPivot('a save-point is a way back, and after the pivot there is none');
    return this.ledger.setSavePoint(within);
  }

  /** The body of a save-point succeeded. @returns whether the body around it gets the answer. */
  passSavePoint(savePoint: SavePoint): boolean {
    savePoint.ended = true;
    return !this.isOrphaned(savePoint);
  }

  /** S9: the body of a save-point failed, and what it did is undone by itself. */
  failSavePoint(savePoint: SavePoint, reason: string): Unwinding {
    const own = ({ savePoint: of }: Entry): boolean => isWithin(of, savePoint);
    savePoint.failed = true;
    this.toCancel.push(...this.ledger.inFlight.filter(own));
    return this.unwind({
      savePoint,
      reason,
      // What is around it may fail before its own unwinding has begun: then that unwinding undoes this part too, in
      // the order of the whole.
      choose: () => (this.isOrphaned(savePoint.within) ? [] : this.ledger.standing.filter(own)),
      onOver: () => {
        savePoint.ended = true;
      },
    });
  }

  /** S8: unwinds before the pivot, waits while the pivot is not known, and is declined after it. */
  interrupt(by: Interruption): void {
    const { earlierPivot } = this.ledger;
    // After the pivot of an earlier run a cancel is too late in this one (S17); a person and the server's limit still decide.
    const late = earlierPivot?.outcome?.kind === 'succeeded' && (by === 'cancel' || by === 'deadline');
    const possible = !this.ending && !this.over && this.interruptions.pending === undefined && !late;
    const waits =
      this.phase === 'pivot' ||
      (this.phase === 'forward' && (this.express || this.lookingBack || earlierPivot !== undefined));
    const effect =
      possible && waits ? 'pending' : possible && this.phase === 'forward' ? 'unwound' : 'declined';
    this.interruptions.record(by, { requestedAt: this.now(), effect });
    if (effect === 'unwound') this.unwindAll(interruptionReasons[by]);
    if (effect !== 'pending') return;
    this.turns.arrived(() => this.decidePending());
  }

  /**
   * Express: something was sent to the body. `letIn` hands it to its handler in its turn, and when the saga is over at once.
   * @param acceptedIn the workflow task that has accepted it, if it is an Update.
   */
  received(letIn: () => void, acceptedIn?: number): void {
    if (this.over) return letIn();
    this.turns.sent(() => {
      if (acceptedIn !== undefined) this.heard(acceptedIn);
      letIn();
    });
  }

  /** Express: what happens from now on may follow from an Update that this workflow task has accepted. */
  heard(task: number): void {
    this.heardIn = Math.max(this.heardIn, task);
  }

  /**
   * Express: whether an action may begin inside this workflow task. An Update is in the history only when the task that has
   * accepted it is: if that is lost, so is the Update, and its sender learns that it failed (decision 0009).
   */
  mayRunInTask(task: number): boolean {
    return task !== this.heardIn;
  }

  /**
   * S17: these were undone before the workflow was reset, so nothing may follow from their answers. What undoes the rest
   * undoes them again, which changes nothing.
   * @param goOn is called when what follows from it is clear.
   */
  foundUndone(entries: readonly Entry[], goOn: () => void): void {
    this.turns.arrived(() => {
      const names = entries.map(({ id }) => id).join(', ');
      const message = `the workflow was reset to a point before ${names} was undone`;
      const reason = engineFailure(RESET_AFTER_UNDO, message);
      if (this.phase === 'forward') this.unwindAll(reason);
      else if (this.phase === 'pivot' && !this.ledger.pivot) this.giveUpPivot(reason);
      goOn();
    });
  }

  /** S17: asks what earlier runs did. What is in flight holds up every unwinding of the whole saga. */
  lookBack(step: AnyStep, question: unknown): Entry {
    this.lookingBack = true;
    return this.ledger.begin(step, question);
  }

  /**
   * S17: what earlier runs did and this run has not. Each is undone before the saga passes its pivot, completes or has unwound,
   * unless the body begins it again.
   * @param asked the entry that has asked for them.
   * @param found in the order in which they began.
   * @param goOn is called when they are known.
   */
  foundLeftovers(
    asked: Entry,
    found: { readonly answer: unknown; readonly entries: readonly Entry[]; readonly nestedRuns?: NestedRuns },
    goOn: () => void,
  ): void {
    this.turns.arrived(() => {
      this.ledger.settle(asked, { kind: 'succeeded', output: found.answer });
      this.ledger.addLeftovers(found.entries, found.nestedRuns);
      this.lookingBack = false;
      this.decidePending();
      goOn();
    });
  }

  /** The body has returned. What it caught and is unknown is undone before the saga completes (S9). */
  bodyCompleted(): void {
    if (this.ending) return;
    this.unwind({
      choose: () => (this.ending ? [] : this.ledger.loose),
      reason: STEP_UNKNOWN,
      onOver: () => {
        if (!this.ending && !this.grantPending()) this.phase = 'completed';
      },
    });
  }

  /** The body has failed with a Temporal failure. */
  bodyFailed(reason: Reason): void {
    if (this.ending) return;
    if (this.phase === 'pivot') this.failedAtPivot = reason;
    else if (this.phase === 'committed') this.failAfterPivot(reason);
    else if (!this.grantPending()) this.unwindAll(reason);
  }

  /** Whether the saga could go on in another run of its workflow now: nothing is under way (S20). */
  get mayContinue(): boolean {
    const { phase, ledger, interruptions, turns } = this;
    const between = phase === 'forward' || phase === 'committed' || phase === 'unwinding';
    const open = phase !== 'unwinding' && ledger.hasOpenSavePoint;
    return between && !open && ledger.isQuiet() && interruptions.pending === undefined && !turns.anyWaits;
  }

  /** S20: all that another run needs to go on. To be called only when it {@link mayContinue}. */
  carry(): CarriedState {
    const { phase, reason, interruptions, desk, ledger } = this;
    return {
      phase: phase as CarriedState['phase'],
      ...(reason && { reason }),
      interruptions: interruptions.entries,
      desk: [...desk.acts],
      ledger: ledger.carry(),
    };
  }

  /**
   * Goes on with what an earlier run carried over. To be called first.
   * @param everyKind whether steps of every kind are undone, as in a rescue.
   */
  restore({ phase, reason, interruptions, desk, ledger }: CarriedState, everyKind = false): void {
    this.ledger.restore(ledger);
    this.interruptions.restore(interruptions);
    this.desk.acts.push(...desk);
    this.phase = phase;
    if (phase !== 'unwinding' || !reason) return;
    const { entries } = this.ledger;
    if (everyKind) this.unwindAll(reason, () => entries.filter((entry) => !isUndone(entry)));
    else this.unwindAll(reason);
  }

  /** S13: unwinds what another saga left, whatever kind its steps are of. */
  takeOver(entries: readonly Entry[], reason: Reason): void {
    this.ledger.entries.push(...entries);
    this.unwindAll(reason, () => entries.filter((entry) => !isUndone(entry)));
  }

  /**
   * Whether {@link advance} has anything to do. To be asked when the body has gone on as far as it can: what it does
   * about an answer comes before what the saga concludes from it.
   */
  get canAdvance(): boolean {
    if (!this.isRecorded) return false;
    return this.turns.anyWaits || this.unwindings.some((unwinding) => unwinding.canAdvance);
  }

  /**
   * One step of one unwinding: the compensations to begin now, which count as begun; none when it ended or there is
   * nothing to do. Whoever waited for its end goes on before this is asked again. Express: or the next turn of what
   * waits for one.
   */
  advance(): readonly Due[] {
    if (!this.isRecorded) return [];
    const failure = this.turns.nextFailure();
    const unwinding = failure ? undefined : this.unwindings.find(({ canAdvance }) => canAdvance);
    if (unwinding) return unwinding.advance().map((entry) => ({ entry, reason: unwinding.reason }));
    (failure ?? this.turns.nextArrival())?.();
    return [];
  }

  /** The actions to ask to end, once each: the sooner they settle, the sooner they are undone. */
  takeCancellations(): readonly Entry[] {
    return this.toCancel.splice(0);
  }

  private isVolatile(step: AnyStep): boolean {
    return this.express && runsInTask(step);
  }

  private unwind(of: UnwindingOf): Unwinding {
    const unwinding = new Unwinding(this.ledger, of, this.policy.whenStuck === 'go-on', () =>
      this.draining ? 0 : Math.max(this.atOnce - this.ledger.underWay, 0),
    );
    this.unwindings.push(unwinding);
    return unwinding;
  }

  private unwindAll(reason: Reason, choose = () => this.ledger.standing): void {
    this.phase = 'unwinding';
    this.reason = reason;
    this.toCancel.push(...this.ledger.inFlight);
    this.unwind({
      choose,
      reason: reason.code,
      onOver: () => {
        this.phase = this.interruptions.unwoundBy === 'cancel' ? 'cancelled' : 'compensated';
      },
    });
  }

  /** The pivot is known, or was given up before it began: what waited for that is decided now. */
  private pivotKnown(succeeded: boolean): void {
    this.phase = succeeded ? 'committed' : 'forward';
    if (succeeded) this.interruptions.decide('declined');
    const failed = this.failedAtPivot;
    if (succeeded && failed) this.failAfterPivot(failed);
    if (!succeeded && !this.grantPending() && failed) this.unwindAll(failed);
  }

  /**
   * Before the pivot: decides about the interruption that waits, unless it waits for what earlier runs did, or for a pivot
   * that one of them may have passed (S17).
   */
  private decidePending(): void {
    if (this.phase !== 'forward' || this.lookingBack) return;
    const { earlierPivot } = this.ledger;
    const { pending } = this.interruptions;
    if (!earlierPivot || pending === 'history' || pending === 'abandon') this.grantPending();
    else if (earlierPivot.outcome?.kind === 'succeeded') this.interruptions.decide('declined');
  }

  /** Unwinds because of the interruption that waited, if one did. */
  private grantPending(): boolean {
    const by = this.interruptions.decide('unwound');
    if (by) this.unwindAll(interruptionReasons[by]);
    return by !== undefined;
  }

  /** The body is on the way to its pivot, which then does not begin. */
  private giveUpPivot(reason: Reason): void {
    this.failedAtPivot = reason;
    this.approach?.whenOver(() => {
      if (this.phase === 'pivot') this.pivotKnown(false);
    });
  }

  private failAfterPivot({ message }: Reason): void {
    this.fault = new SagaUsageError('FAILED_AFTER_PIVOT', `the body failed after its pivot: ${message}`);
  }

  private refusePivot(step: AnyStep, why: string): never {
    throw new SagaUsageError('PIVOT_WITH_STEPS_IN_FLIGHT', `${step.name} cannot begin while ${why}`);
  }
}
