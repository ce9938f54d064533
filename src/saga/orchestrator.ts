import { CancellationScope, condition, isCancellation, log, workflowInfo } from '@temporalio/workflow';
import { callOperation, probeOperation } from './call-activity';
import { type Answer, Driver, type World } from './core/driver';
import type { Entry } from './core/entry';
import type { Command } from './core/events';
import { SagaUsageError } from './core/failures';
import { nestedSagaId, undoWorkflowId } from './core/ids';
import type { Interruption } from './core/interruptions';
import { verbOf } from './core/operation';
import type { Operation, StepRequest, Ticket } from './core/pending';
import { SagaState } from './core/state';
import { corePolicy, type StuckPolicy } from './stuck-policy';
import { HistoryRoom } from './history';
import { effectsRemainWhenReversed, type NestedReport, parentOf } from './nested';
import { ParentReports } from './nested-child';
import { Publication } from './publication';
import { ResetGuard } from './reset';
import { anyOtherHolds, continueInAnotherRun, engineScope, isApplyingJobs, ofEngine } from './sdk-internals';

/** What an orchestrator runs by. */
export interface OrchestratorOptions {
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
  /** The scope in which the body has asked for a step, by its ticket. */
  private readonly askedIn = new Map<Ticket, CancellationScope>();
  /** The scope of each operation that is under way, for all its rounds. */
  private readonly scopes = new Map<Operation, CancellationScope>();
  private stopDeadline: (() => void) | undefined;

  constructor({ policy, express, maxHistoryEvents, resets }: OrchestratorOptions) {
    this.state = new SagaState({
      policy: corePolicy(policy),
      express,
      atOnce: express ? AT_ONCE.express : AT_ONCE.other,
    });
    this.driver = new Driver(this.state, this);
    this.publication = new Publication(this.state);
    this.room = new HistoryRoom(this.state, maxHistoryEvents);
    this.resets = resets && new ResetGuard(this.driver, resets.isNew);
    const { memo, parent } = workflowInfo();
    this.parent = parentOf(memo) && parent && new ParentReports(parent.workflowId);
  }

  now(): number {
    return Date.now();
  }

  perform(command: Exclude<Command, { readonly do: 'resume' }>): void {
    switch (command.do) {
      case 'publish':
        this.publication.update();
        this.parent?.update(this.state);
        break;
      case 'call':
        void this.call(command.operation);
        break;
      case 'probe':
        void this.probe(command.operation);
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
        this.cancel(command.entry);
        break;
      case 'stop-deadline':
        this.stopDeadline?.();
        this.stopDeadline = undefined;
    }
  }

  /** Takes the saga to its end, whatever it is: concludes what is to be concluded whenever the body is at rest. */
  async run(): Promise<void> {
    const { state, driver } = this;
    const scope = CancellationScope.current();
    // Before all else that an activation brings: a replay has no Update that was rejected, which would be before it as well.
    const lookBack = () => {
      if (this.resets?.isDue) void scope.run(async () => void this.resets?.check());
    };
    while (!state.over) {
      await whenAtRest(
        () =>
          (driver.canConclude && !anyOtherHolds()) ||
          state.fault !== undefined ||
          this.isFull ||
          this.continuesItself,
        lookBack,
      );
      if (state.fault) throw new SagaUsageError(state.fault.code, state.fault.message);
      if (this.isFull) this.endForwardWay();
      if (this.continuesItself) await continueInAnotherRun();
      if (state.phase === 'unwinding' && !state.draining && this.room.isHalfUsed)
        driver.dispatch({ type: 'draining' });
      driver.atRest();
    }
    const anyMessage = [...state.arrivals, ...state.sent].some(({ type }) => type === 'message-received');
    driver.dispatch({ type: 'closing' });
    // Their handlers get as far as they can, so that who sent an Update has its answer.
    if (anyMessage) await whenAtRest(() => true);
    await this.parent?.delivered();
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
  runStep(request: Omit<StepRequest, 'ticket'>): Promise<Answer> {
    // The body awaits this promise from now on, so bodies go on in the order in which they are answered.
    return new Promise((resolve) => {
      const ticket = this.driver.ticketFor((answer) => answer && resolve(answer));
      this.askedIn.set(ticket, CancellationScope.current());
      this.driver.dispatch({ type: 'step-requested', ticket, ...request });
    });
  }

  interrupt(by: Interruption): void {
    // A reset may have come with it: whether it is too late, earlier runs tell.
    void this.resets?.check();
    this.driver.dispatch({ type: 'interrupted', by });
  }

  /** @param afterOthers whether something happened before it, and all of that is to follow first. */
  async cancelled(afterOthers: boolean): Promise<void> {
    if (afterOthers) await whenAtRest(() => !this.driver.canConclude);
    this.interrupt('cancel');
  }

  /** S10: a nested saga says whether it is stuck. */
  nestedReported({ sagaId, ...report }: NestedReport): void {
    const { workflowId } = workflowInfo();
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
  private async call(operation: Operation): Promise<void> {
    const { entry } = operation;
    const outcome = await this.scopeOf(operation).run(() => callOperation(this.state, operation));
    this.driver.dispatch({
      type: 'answered',
      operation,
      outcome,
      noRoom: this.room.isShort,
      effectsRemain: operation.type === 'compensate' && effectsRemainWhenReversed(entry),
    });
    this.forgetEnded();
  }

  private async probe(operation: Operation): Promise<void> {
    const answer = await this.scopeOf(operation).run(() => probeOperation(this.state, operation));
    this.driver.dispatch({ type: 'probed', operation, ...(answer && { answer }) });
    this.forgetEnded();
  }

  /** Between two rounds the saga is visibly stuck and listens to the desk (S6). */
  private async pause(operation: Operation, ms?: number): Promise<void> {
    const { entry, round } = operation;
    const isDecided = () => entry.stuck?.decided !== undefined;
    const summary = `stuck at ${entry.id}: pause before round ${round + 1}`;
    const scope = this.scopeOf(operation);
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
    this.forgetEnded();
  }

  /**
   * A compensation cannot be cancelled (S4), nor can an action that is tried until its outcome is known. Any other action ends
   * with the scope in which the body has asked for it, and when the state asks it to.
   */
  private scopeOf(operation: Operation): CancellationScope {
    const { type, entry, ticket } = operation;
    const known = this.scopes.get(operation);
    if (known) return known;
    const cancellable = type === 'act' && !this.state.isPersistent(entry);
    const parent = type === 'act' && ticket !== undefined ? this.askedIn.get(ticket) : undefined;
    const scope = engineScope({ cancellable, ...(parent && { parent }) });
    this.scopes.set(operation, scope);
    return scope;
  }

  private cancel(entry: Entry): void {
    for (const [operation, scope] of this.scopes)
      if (operation.entry === entry && scope.cancellable) scope.cancel();
  }

  /** An answer has its turn later, so not only the operation that was answered may have ended. */
  private forgetEnded(): void {
    const { operations } = this.state;
    for (const operation of this.scopes.keys()) {
      if (operations.includes(operation)) continue;
      this.scopes.delete(operation);
      if (operation.ticket !== undefined) this.askedIn.delete(operation.ticket);
    }
  }
}

/**
 * Waits until a condition holds when the body has gone on as far as it can: what it does about an answer comes first.
 * The SDK asks a condition once at once, and from then on after each job, and when the code has gone on as far as it can.
 * @param first is called before the condition is asked, also while an activation is handed over.
 */
function whenAtRest(holds: () => boolean, first: () => void = () => undefined): Promise<void> {
  let isFirst = true;
  return condition(
    ofEngine(() => {
      if (isFirst) return (isFirst = false);
      first();
      return !isApplyingJobs() && holds();
    }),
  );
}
