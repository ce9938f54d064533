import { condition, isCancellation, log } from '@temporalio/workflow';
import { callOperation, probeOperation } from './call-activity';
import type { Entry, Outcome } from './core/entry';
import { type Answer, Driver, type World } from './core/driver';
import type { Command } from './core/events';
import { SagaUsageError } from './core/failures';
import { nestedSagaId, undoWorkflowId } from './core/ids';
import type { Interruption } from './core/interruptions';
import { verbOf } from './core/operation';
import type { Operation, StepRequest } from './core/pending';
import { SagaState } from './core/state';
import { corePolicy, type StuckPolicy } from './stuck-policy';
import { HistoryRoom } from './history';
import { effectsRemainWhenReversed, type NestedReport, parentOf } from './nested';
import { ParentReports } from './nested-child';
import { Publication } from './publication';
import { ResetGuard } from './reset';
import type { QuickScope } from './scopes';
import { sdkWorkflow } from './sdk-workflow';
import { UnderWay } from './under-way';
import { continueInAnotherRun } from './watch-workflow';

/** What an orchestrator runs by. */
export interface OrchestratorOptions {
  /** The scope of the body, in which the orchestrator is made. Cannot be cancelled (S4). */
  readonly scope: QuickScope;
  readonly policy: StuckPolicy;
  /** Whether the steps run inside workflow tasks. */
  readonly express: boolean;
  readonly maxHistoryEvents?: number | undefined;
  /** How resets are met; absent in a rescue: what it undoes is given to it, and a reset one repeats its calls. */
  readonly resets?: {
    /** Whether the saga begins in this run, and was not carried over. */
    readonly isNew: boolean;
  };
}

/**
 * The operations of one saga that are under way at a time (S18). A server keeps 100 events back while a workflow task runs, and
 * fails the task for one more; an activity that ends while one runs makes two, and cancels and messages come beside them. Local
 * activities share the worker's limit, 100 unless it is set, with those of all other sagas.
 */
const AT_ONCE = { express: 10, other: 45 };

/** The world of a saga's {@link Driver}: Temporal's. Calls participants, waits, and publishes what the saga shows of itself. */
export class Orchestrator implements World {
  readonly state: SagaState;
  readonly driver: Driver;
  readonly publication: Publication;
  readonly room: HistoryRoom;
  private readonly resets: ResetGuard | undefined;
  private readonly parent: ParentReports | undefined;
  private readonly workflow = sdkWorkflow();
  /** The body's, in which the engine works too. */
  private readonly scope: QuickScope;
  private readonly underWay: UnderWay;
  private stopDeadline: (() => void) | undefined;
  /** Whether it goes on in another run. */
  private isLeaving = false;
  private finish: () => void = () => undefined;
  private fail: (error: unknown) => void = (error) => {
    throw error;
  };

  constructor({ scope, policy, express, maxHistoryEvents, resets }: OrchestratorOptions) {
    this.scope = scope;
    this.state = new SagaState({
      policy: corePolicy(policy),
      express,
      atOnce: express ? AT_ONCE.express : AT_ONCE.other,
    });
    this.underWay = new UnderWay(this.state, scope);
    this.driver = new Driver(this.state, this);
    this.publication = new Publication(this.state);
    this.room = new HistoryRoom(this.state, maxHistoryEvents);
    this.resets = resets && new ResetGuard(this.driver, resets.isNew);
    const { memo, parent } = this.workflow.info;
    this.parent = parentOf(memo) && parent && new ParentReports(parent.workflowId);
  }

  now(): number {
    return this.workflow.now;
  }

  perform(command: Exclude<Command, { readonly do: 'resume' }>): void {
    switch (command.do) {
      case 'publish':
        this.publication.update();
        this.parent?.update(this.state);
        break;
      case 'call':
        this.call(command.operation);
        break;
      case 'probe':
        this.probe(command.operation);
        break;
      case 'pause':
        void this.pause(command.operation, command.ms);
        break;
      case 'report-stuck': {
        const { entry, round } = command.operation;
        const op = verbOf(command.operation);
        log.warn('saga is stuck', { step: entry.id, op, round, ...command.failure });
        break;
      }
      case 'cancel':
        this.underWay.cancel(command.entry);
        break;
      case 'stop-deadline':
        this.stopDeadline?.();
        this.stopDeadline = undefined;
    }
  }

  /**
   * Takes the saga to its end: concludes what is to be concluded whenever the body is at rest. To be called once.
   * @param end is called then. @param fail is given what fails the workflow task, or goes on in another run.
   */
  run(end: () => void, fail: (error: unknown) => void): void {
    this.fail = fail;
    this.finish = () => {
      const { state, driver, parent } = this;
      const anyMessage = [...state.arrivals, ...state.sent].some(({ type }) => type === 'message-received');
      driver.dispatch({ type: 'closing' });
      const closed = () => (parent ? void parent.delivered().then(end) : end());
      // Their handlers get as far as they can, so that who sent an Update has its answer.
      if (anyMessage) this.whenAtRest(closed, () => true);
      else closed();
    };
    if (this.state.over) this.finish();
    else this.concludeNext();
  }

  private concludeNext(): void {
    this.whenAtRest(
      () => {
        this.conclude();
        if (!this.state.over) this.concludeNext();
      },
      () => this.hasToConclude,
    );
  }

  /** A programming error of the body ends the run (S12). */
  failTask(error: unknown): void {
    this.fail(error);
  }

  /** Whether something follows when the body has gone on as far as it can. */
  private get hasToConclude(): boolean {
    const { driver, state } = this;
    if (this.isLeaving) return false;
    return (
      (driver.canConclude && !this.workflow.anyOtherHolds) ||
      state.fault !== undefined ||
      this.isFull ||
      this.continuesItself
    );
  }

  /**
   * The body is at rest, and one answer has come: its turn has come too, and the SDK need not ask. Nor when nothing is done about the
   * answer, and another compensation follows from it.
   */
  private concludeNow(): void {
    if (this.resets?.isDue || this.state.over || !this.hasToConclude) return;
    this.scope.enter(() => {
      let isDone: boolean;
      do isDone = this.conclude();
      while (!isDone && this.hasToConclude);
    });
  }

  /** @returns whether anything was to be done. */
  private conclude(): boolean {
    const { state, driver } = this;
    if (state.fault) throw new SagaUsageError(state.fault.code, state.fault.message);
    if (this.isFull) this.endForwardWay();
    if (this.continuesItself) {
      this.isLeaving = true;
      continueInAnotherRun().catch(this.fail);
      return true;
    }
    if (state.phase === 'unwinding' && !state.draining && this.room.isHalfUsed)
      driver.dispatch({ type: 'draining' });
    const isDone = driver.atRest();
    if (state.over) this.finish();
    return isDone || state.over;
  }

  /**
   * Calls `then` once the body has gone on as far as it can and the condition holds: what the body does about an answer comes
   * first. The SDK asks also while an activation is handed over.
   */
  private whenAtRest(then: () => void, holds: () => boolean): void {
    this.workflow.whenEngineMay(
      () => {
        // Before all else that an activation brings: a replay has no Update that was rejected, which would be before it as well.
        if (this.resets?.isDue) this.scope.runNow(() => void this.resets?.check());
        return !this.workflow.isApplyingJobs && holds();
      },
      () => {
        try {
          this.scope.enter(then);
        } catch (error) {
          this.fail(error);
        }
      },
    );
  }

  /** @returns what to wait for before anything follows from an answer that a reset made doubtful (S17), if one did. */
  afterReset(): Promise<void> | undefined {
    return this.resets?.check();
  }

  /** S20: whether the unwinding goes on in another run now. */
  get continuesItself(): boolean {
    return this.state.draining && this.state.mayContinue;
  }

  /**
   * Runs a step's action as soon as there is room for it. Gives no answer at all to a body that may not go on any more: an error
   * would end in a promise nobody waits for, and fail the workflow task (decision 0005).
   */
  runStep(request: Omit<StepRequest, 'ticket'>, goOn: (answer: Answer) => void): void {
    const ticket = this.driver.ticketFor((answer) => answer && goOn(answer));
    this.underWay.askedFor(ticket);
    this.driver.dispatch({ type: 'step-requested', ticket, ...request });
  }

  interrupt(by: Interruption): void {
    // A reset may have come with it: whether it is too late, earlier runs tell.
    void this.resets?.check();
    this.driver.dispatch({ type: 'interrupted', by });
  }

  /** @param afterOthers whether something happened before it, and all of that is to follow first. */
  cancelled(afterOthers: boolean): void {
    const interrupt = () => this.interrupt('cancel');
    if (afterOthers) this.whenAtRest(interrupt, () => !this.driver.canConclude);
    else interrupt();
  }

  /** S10: a nested saga says whether it is stuck. */
  nestedReported({ sagaId, ...report }: NestedReport): void {
    const { workflowId } = this.workflow.info;
    const isIt = ({ id, sagaId: of = workflowId }: Entry) =>
      [nestedSagaId(of, id), undoWorkflowId(nestedSagaId(of, id), 'reverse')].includes(sagaId);
    const entry = this.state.ledger.entries.find((each) => each.step.nested && isIt(each));
    if (entry) this.driver.dispatch({ type: 'nested-reported', entry, nested: sagaId, ...report });
  }

  /** Waits until what came from outside before has had its turn. */
  async afterArrivals(): Promise<void> {
    await new Promise<void>((goOn) => {
      this.driver.dispatch({ type: 'arrivals-awaited', ticket: this.driver.ticketFor(() => goOn()) });
    });
  }

  /** @param stop is called once, when the saga begins to unwind. */
  onStopDeadline(stop: () => void): void {
    this.stopDeadline = stop;
  }

  /** S14: the body goes on, and leaves no room for the unwinding. */
  private get isFull(): boolean {
    const { phase, interruptions } = this.state;
    if (phase === 'committed') return this.room.isShort;
    return phase === 'forward' && interruptions.pending === undefined && !this.room.hasRoom();
  }

  private endForwardWay(): void {
    if (this.state.phase === 'committed')
      throw new SagaUsageError(
        'HISTORY_FULL',
        'the saga is past its pivot, and its history has no room left',
      );
    this.interrupt('history');
  }

  /** One round of an operation. */
  private call(operation: Operation): void {
    const { type, entry } = operation;
    this.underWay.run(operation, () =>
      callOperation(this.state, operation, {
        answer: (outcome: Outcome, isAtRest?: boolean) => {
          this.driver.dispatch({
            type: 'answered',
            operation,
            outcome,
            noRoom: this.room.isShort,
            effectsRemain: type === 'compensate' && effectsRemainWhenReversed(entry),
          });
          this.underWay.forgetEnded();
          if (isAtRest) this.concludeNow();
        },
        onCancel: (cancel) => this.underWay.onCancel(operation, cancel),
      }),
    );
  }

  private probe(operation: Operation): void {
    this.underWay.run(operation, () =>
      probeOperation(this.state, operation, (answer) => {
        this.driver.dispatch({ type: 'probed', operation, ...(answer && { answer }) });
        this.underWay.forgetEnded();
      }),
    );
  }

  /** Between two rounds the saga is visibly stuck and listens to the desk (S6). */
  private async pause(operation: Operation, ms?: number): Promise<void> {
    const { entry, round } = operation;
    const isDecided = () => entry.stuck?.decided !== undefined;
    const summary = `stuck at ${entry.id}: pause before round ${round + 1}`;
    const scope = this.underWay.scopeOf(operation);
    const cancelled = await scope.run(async () => {
      try {
        if (ms === undefined) await condition(isDecided);
        else await condition(isDecided, ms, { summary });
        return false;
      } catch (error) {
        // Only an action that is not tried until it is known can be cancelled while it waits.
        if (scope.cancellable && isCancellation(error)) return true;
        throw error;
      }
    });
    this.driver.dispatch({ type: 'resumed', operation, cancelled });
    this.underWay.forgetEnded();
  }
}
