import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { Probed } from './call';
import { attempt } from './call-activity';
import { SagaUsageError } from './core/failures';
import type { Interruption } from './core/interruptions';
import { type Entry, isUndone, type Outcome } from './core/entry';
import type { SavePoint } from './core/save-point';
import { type Due, SagaState } from './core/saga-state';
import type { Unwinding } from './core/unwinding';
import type { StuckPolicy } from './definition';
import { HistoryRoom } from './history-room';
import { abandonSaga, resolveStep, retryStep, skipStep } from './desk-updates';
import { awaitMilestone } from './milestone';
import { nestedId, parentOf } from './nested';
import { type NestedNews, NewsForParent } from './nested-news';
import { Publication } from './publication';
import { ResetGuard } from './reset-guard';
import { admitBy, asEngine, continueInAnotherRun, type SentUpdate } from './sdk-internals';
import type { AnyStep } from './step';
import { type Known, noWorkerAfter, type Tried, untilKnown } from './until-known';

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
 * fails the task for one more; an activity that ends while one runs makes two. Local activities share the worker's limit,
 * 100 unless it is set, with those of all other sagas.
 */
const AT_ONCE = { express: 10, other: 50 };

/** An action that was begun, and how it ended. */
export interface Performed {
  readonly entry: Entry;
  readonly outcome: Outcome;
}

/** Does what the saga's {@link SagaState} says: calls participants, ends what is to be cancelled, shows how it stands. */
export class Orchestrator {
  readonly state: SagaState;
  readonly publication: Publication;
  private readonly resets: ResetGuard | undefined;
  readonly room: HistoryRoom;
  private readonly parent: NewsForParent | undefined;
  private readonly actions = new Map<Entry, CancellationScope>();
  /** Actions that wait until there is room for another one, in the order in which the body asked for them. */
  private readonly waiting: (() => void)[] = [];
  private onEnding: (() => void) | undefined;

  constructor({ policy, express, maxHistoryEvents, resets }: OrchestratorOptions) {
    const atOnce = express ? AT_ONCE.express : AT_ONCE.other;
    this.state = new SagaState(policy, express, () => Date.now(), atOnce);
    if (express) admitBy((update) => this.admit(update));
    this.publication = new Publication(this.state);
    this.room = new HistoryRoom(this.state, maxHistoryEvents);
    this.resets =
      resets &&
      new ResetGuard(
        this.state,
        () => this.changed(),
        (tried) => this.untilKnown(tried),
        resets.isNew,
      );
    const { memo, parent } = workflowInfo();
    this.parent = parentOf(memo) && parent && new NewsForParent(parent.workflowId);
  }

  /** Compensates what the state says, whenever it does, until the saga is over. */
  async run(): Promise<void> {
    const { state } = this;
    while (!state.over) {
      await whenSettled(
        () =>
          state.canAdvance ||
          state.fault !== undefined ||
          this.isFull ||
          this.continuesItself ||
          this.resets?.isDue === true,
      );
      if (state.fault) throw state.fault;
      void this.resets?.check();
      if (this.isFull) this.endForwardWay();
      if (this.continuesItself) await continueInAnotherRun();
      if (state.phase === 'unwinding' && this.room.isHalfUsed) state.draining = true;
      const due = state.advance();
      this.changed();
      for (const compensation of due) void this.compensate(compensation);
    }
    const messages = state.turns.takeMessages();
    for (const letIn of messages) letIn();
    // Their handlers get as far as they can, so that who sent an Update has its answer.
    if (messages.length > 0) await whenSettled(() => true);
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

  /** To be called after every change of the state. */
  changed(): void {
    const { state } = this;
    if (state.ending) this.stopClock();
    for (const entry of state.takeCancellations()) this.actions.get(entry)?.cancel();
    while (state.admits && this.waiting.length > 0) this.waiting.shift()?.();
    state.tell();
    // What is about to be changed again is not shown.
    if (state.canAdvance) return;
    this.publication.update();
    this.parent?.update(this.state);
  }

  /** S10: a nested saga says how it stands. */
  hear({ sagaId, stuck, leaves }: NestedNews): void {
    const { ledger } = this.state;
    const entry = ledger.entries.find(
      (each) => each.step.nested && [nestedId(each), `${nestedId(each)}-reverse`].includes(sagaId),
    );
    if (!entry) return;
    ledger.nestedStuck(entry, sagaId, stuck);
    if (leaves) entry.leaves = true;
    this.changed();
  }

  /**
   * Express: has what is sent to the body wait its turn. The desk decides at once: the step that is stuck would keep its turn
   * from coming. Who waits for a milestone changes nothing.
   */
  private admit(update?: SentUpdate): Promise<void> | undefined {
    const { state } = this;
    if (update?.name === awaitMilestone.name) return undefined;
    if (!update || !deskUpdates.has(update.name))
      return new Promise((letIn) => state.received(letIn, update?.task));
    state.heard(update.task);
    return undefined;
  }

  /**
   * Runs a step's action, as soon as there is room for it, and tells the state how it ended. Gives no answer at all to a
   * body that may not go on any more: an error would end in a promise nobody waits for, and fail the workflow task
   * (decision 0005).
   * @param input a copy that nobody changes.
   */
  act(step: AnyStep, input: unknown, savePoint?: SavePoint): Promise<Performed> {
    const { state, waiting } = this;
    if (waiting.length === 0 && state.admits) return this.begin(step, input, savePoint);
    return new Promise((resolve, reject) => {
      waiting.push(() => void this.begin(step, input, savePoint).then(resolve, reject));
    });
  }

  private begin(step: AnyStep, input: unknown, savePoint?: SavePoint): Promise<Performed> {
    const { state } = this;
    const entry = state.begin(step, input, savePoint);
    if (!entry) return new Promise(() => {});
    this.changed();
    // The body awaits this promise from now on, so bodies go on in the order in which the state tells them.
    return new Promise((resolve, reject) => {
      this.outcomeOf(entry).then((outcome) => {
        state.settle(entry, outcome, () => resolve({ entry, outcome }));
        this.changed();
      }, reject);
    });
  }

  /** Waits until an unwinding is over. */
  async unwound(unwinding: Unwinding): Promise<void> {
    this.changed();
    await new Promise<void>((resolve) => unwinding.whenOver(resolve));
  }

  interrupt(by: Interruption): void {
    // A reset may have come with it: whether it is too late, earlier runs tell.
    void this.resets?.check();
    this.state.interrupt(by);
    this.changed();
  }

  /** Waits until something may follow from a failure of the body. */
  async afterFailure(): Promise<void> {
    await new Promise<void>((goOn) => this.state.turns.failed(goOn));
  }

  /** Waits until what came from outside before has had its turn. */
  async afterArrivals(): Promise<void> {
    await new Promise<void>((goOn) => this.state.turns.arrived(goOn));
  }

  /** @param stop is called once, when the saga begins to unwind. */
  whenEnding(stop: () => void): void {
    this.onEnding = stop;
  }

  private stopClock(): void {
    this.onEnding?.();
    this.onEnding = undefined;
  }

  private async outcomeOf(entry: Entry): Promise<Outcome> {
    const known = this.state.isPersistent(entry)
      ? await CancellationScope.nonCancellable(() => this.untilKnown({ entry, op: 'do', givesUp: never }))
      : await this.cancellable(entry, () => this.untilKnown({ entry, op: 'do', givesUp: () => true }));
    if (known.kind === 'skipped') throw new Error(`${entry.id} was skipped, which the desk refuses`);
    return known;
  }

  private untilKnown(tried: Tried): Promise<Known> {
    const run = () => untilKnown(this.state, this.room, () => this.changed(), tried);
    return this.state.express ? asEngine(run) : run();
  }

  /** So that the action can be asked to end, whatever scope of its own the body runs it in. */
  private async cancellable<T>(entry: Entry, action: () => Promise<T>): Promise<T> {
    const scope = new CancellationScope();
    this.actions.set(entry, scope);
    try {
      return await scope.run(action);
    } finally {
      this.actions.delete(entry);
    }
  }

  /** S4: cannot be cancelled. S5: does not end before the compensation's outcome is known. */
  private async compensate({ entry, reason }: Due): Promise<void> {
    const { ledger } = this.state;
    await CancellationScope.nonCancellable(async () => {
      if (entry.step.probe && entry.outcome?.kind === 'unknown') {
        const { policy } = this.state;
        const answer = await attempt(this.state, entry, 'probe', {
          noWorkerAfterMs: noWorkerAfter(1, policy),
          since: Date.now(),
        });
        if (answer.kind === 'succeeded') ledger.probed(entry, answer.output as Probed<unknown>);
      }
      if (isUndone(entry)) return;
      const known = await this.untilKnown({ entry, op: 'undo', reason, givesUp: never });
      this.state.turns.arrived(() => ledger.endUndo(entry, known.kind === 'skipped'));
    });
    this.changed();
  }
}

const never = (): boolean => false;

const deskUpdates = new Set([retryStep, resolveStep, skipStep, abandonSaga].map(({ name }) => name));

/**
 * Waits until a condition holds when the body has gone on as far as it can: what it does about an answer comes first.
 * The SDK asks a condition once at once, and from then on between jobs only.
 */
function whenSettled(holds: () => boolean): Promise<void> {
  let settled = false;
  return condition(() => {
    const now = settled;
    settled = true;
    return now && holds();
  });
}
