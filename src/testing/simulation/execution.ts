import { temporal } from '@temporalio/proto';
import type { Agenda } from './agenda';
import { type Attributes, History, type HistoryEvent } from './events';
import { eventsOf, HeldBack, type Told } from './held-back';
import { type Pending, reasonToEnd, type TemporalLimits } from './limits';
import type { Done, RecordedTask, TaskHistory } from './recorded-task';
import type { Job, SandboxedWorkflow } from './sandbox';
import type { Failure, Payload, StartInput } from './start-input';

export type Status =
  'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'continued-as-new' | 'timed-out';

/** By which workflow task something was asked for. */
export interface ByTask {
  readonly workflowTaskCompletedEventId: number;
}

/** What another execution, a timer, a participant or a client does to an execution: an event, and how its code learns of it. */
export interface Happening extends Told {
  /** Absent: the code does not learn of it, and yet has a workflow task for it. */
  readonly job?: (execution: Execution) => Job;
  /** Whether it happens again to a run that is reset to before it. @default never */
  readonly happensAgain?: (execution: Execution) => boolean;
}

/** An Update that has arrived and is not accepted yet, or one that is. */
export interface PendingUpdate {
  readonly id: string;
  readonly request: temporal.api.update.v1.IRequest;
  /** Whether the history has it although it is not accepted yet: after a reset. */
  readonly isInHistory: boolean;
  accepted?: number;
  isLost?: boolean;
  outcome?: temporal.api.update.v1.IOutcome;
  readonly watchers: (() => void)[];
}

/** What happens to a child when its parent is over. */
export type ClosePolicy = 'terminate' | 'abandon' | 'request-cancel';

/** Why a workflow task failed, as its event tells it. */
export interface TaskFailure {
  /** @default the code has failed it */
  readonly cause?: temporal.api.enums.v1.WorkflowTaskFailedCause;
  readonly failure?: Failure;
}

/** The server that a run is on. */
export interface ExecutionHost {
  readonly agenda: Agenda;
  readonly limits: TemporalLimits;
  /** Has a worker take the workflow task that was scheduled. */
  offerTask(execution: Execution): void;
  /** Fails the workflow task under way, which comes again. */
  failTask(execution: Execution, failure: TaskFailure): void;
  terminate(execution: Execution, reason: string): void;
}

const {
  WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND: FORCE_CLOSE,
  WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
} = temporal.api.enums.v1.WorkflowTaskFailedCause;

/** The attempt from which on a workflow task counts as failing. */
const FAILING = 3;

/** The part of all the Updates that a run may have from which on a continue-as-new is suggested. */
const SUGGESTING = 0.9;

/** Those of SDK core that a workflow begins with. */
const CORE_FLAGS = [1, 2, 3];

/** One run of a workflow: what the server knows of it. */
export class Execution {
  readonly history: History;
  status: Status = 'running';
  closedAt: number | undefined;
  readonly startedAt: number;
  /** What the code has to be given with the next workflow task. */
  inbox: Job[] = [];
  /** What came while a workflow task was under way. */
  private readonly held = new HeldBack<Happening>();
  /** What has happened, by the event that tells it. */
  readonly happened: { readonly eventId: number; readonly happening: Happening }[] = [];
  /** What its code has begun, by the event that tells it: an activity, a timer, another workflow. */
  readonly begun: { readonly eventId: number; readonly begin: (execution: Execution) => void }[] = [];
  task: 'none' | 'scheduled' | 'started' = 'none';
  taskScheduledId = 0;
  taskStartedId = 0;
  /** How many workflow tasks have been started. */
  taskNumber = 0;
  /** The latest of them of which the server hears no more. */
  lostTask = 0;
  taskStartedAt = 0;
  /** Of the workflow task, from 1. */
  taskAttempt = 1;
  private isTaskForced = false;
  tasks: RecordedTask[] = [];
  /** What the workflow task under way has given to the code. */
  taskJobs: readonly Job[] = [];
  /** In a worker's memory. */
  cached: SandboxedWorkflow | undefined;
  /** What a query has made the code in memory do before the workflow task for it. */
  ahead: { readonly jobs: readonly Job[]; readonly done: readonly Done[] } | undefined;
  readonly activities = new Map<
    number,
    { readonly scheduledId: number; requestCancel(): void; isCancelled(): boolean; forget(): void }
  >();
  readonly timers = new Map<number, { readonly startedId: number; readonly stop: () => void }>();
  readonly children = new Map<
    number,
    { readonly initiatedId: number; readonly workflowId: string; isStarted: boolean }
  >();
  /** By the event at which a child was initiated: what happens to it when this run is over. */
  readonly closePolicies = new Map<number, ClosePolicy>();
  /** What it has begun and has not ended, whether its code knows that or not. */
  readonly pending: Pending = { activities: 0, children: 0, signals: 0, cancelRequests: 0 };
  readonly updates = new Map<string, PendingUpdate>();
  readonly queries: { readonly job: Job; readonly answer: (result: QueryAnswer) => void }[] = [];
  /** The flags of the SDK that its code has used: what an SDK must keep to. */
  readonly flags = new Set<number>();
  memo: Record<string, Payload>;
  searchAttributes: Record<string, Payload>;
  cancelRequested = false;
  /** The run that goes on from an earlier point of this one. */
  resetTo: Execution | undefined;
  readonly watchers: (() => void)[] = [];

  private readonly agenda: Agenda;

  constructor(
    readonly start: StartInput,
    private readonly host: ExecutionHost,
    /** Of a run that was reset: those of the other run, up to that point. */
    events: readonly HistoryEvent[] = [],
  ) {
    const { agenda } = host;
    this.agenda = agenda;
    this.history = new History(() => agenda.now, [...events]);
    this.startedAt = agenda.now;
    this.memo = { ...start.memo?.fields };
    this.searchAttributes = { ...start.searchAttributes?.indexedFields };
  }

  get isOpen(): boolean {
    return this.status === 'running';
  }

  /** Something happens to it. While a workflow task is under way it waits for its end. */
  happen(happening: Happening): void {
    if (!this.isOpen) return;
    if (this.task !== 'started') return this.record(happening);
    if (this.endsAtLimit(0)) return;
    this.held.add(happening);
    const { bufferedEvents, bufferedBytes } = this.host.limits;
    if (this.held.events > bufferedEvents || this.held.bytes > bufferedBytes)
      this.host.failTask(this, { cause: FORCE_CLOSE });
  }

  /** How many events wait for the end of the workflow task under way. Its code may not end the run: it does not know them. */
  get heldBack(): number {
    return this.held.events;
  }

  /**
   * Terminates the run instead of a transaction in which it would go past the limit of its history.
   * @param events how many the transaction adds. Those that happen while a workflow task is scheduled are not counted yet.
   * @returns whether it did
   */
  endsAtLimit(events: number): boolean {
    const { length, bytes } = this.history;
    const reason = reasonToEnd(this.host.limits, length + events, bytes);
    if (reason !== undefined) this.host.terminate(this, reason);
    return reason !== undefined;
  }

  /** Something that waits for the end of the workflow task does not happen. */
  withdraw(happening: Happening): void {
    this.held.withdraw(happening);
  }

  /** An Update arrives: it is in no history before it is accepted. */
  admit(job: Job): void {
    if (!this.isOpen) return;
    // See `WorkflowWorker.goAhead`.
    if (this.ahead) this.evict();
    this.inbox.push(job);
    if (this.task !== 'started') this.scheduleTask();
  }

  private record(happening: Happening): void {
    if (this.endsAtLimit(this.task === 'none' ? eventsOf(happening).length + 1 : 0)) return;
    this.write(happening);
    this.scheduleTask();
  }

  /** Records what has happened. It has no workflow task of its own for that. */
  write(happening: Happening): void {
    const { before, attributes, job } = happening;
    if (before) this.history.add(before);
    const eventId = this.history.add(attributes);
    this.happened.push({ eventId, happening });
    this.changed();
    if (job) this.inbox.push(job(this));
  }

  /** Its code has begun something, as an event tells. @param begin begins it, also in a run that is reset to after it. */
  begin(eventId: number, begin: (execution: Execution) => void): void {
    this.begun.push({ eventId, begin });
    begin(this);
  }

  /** @param forced whether its worker has asked for it, since local activities of the one before have not ended. */
  scheduleTask(forced = false): void {
    if (!this.isOpen || this.task !== 'none') return;
    this.isTaskForced = forced;
    const { taskQueue, taskTimeoutMs } = this.start;
    this.taskScheduledId = this.history.add({
      workflowTaskScheduledEventAttributes: {
        taskQueue: { name: taskQueue },
        startToCloseTimeout: { seconds: taskTimeoutMs / 1_000 },
        attempt: this.taskAttempt,
      },
    });
    this.task = 'scheduled';
    this.agenda.after(pauseBeforeTask(this.taskAttempt), () => this.host.offerTask(this));
  }

  /** A worker has the workflow task that was scheduled. @returns nothing when the history has no room for it */
  startTask(): TaskHistory | undefined {
    if (this.endsAtLimit(this.taskAttempt > 1 ? 0 : 1)) return undefined;
    const { suggestedEvents, suggestedBytes, updatesInTotal } = this.host.limits;
    const { bytes: historySizeBytes, length } = this.history;
    const suggestContinueAsNew =
      length + 1 >= suggestedEvents ||
      historySizeBytes >= suggestedBytes ||
      this.updates.size >= updatesInTotal * SUGGESTING;
    this.taskStartedId = this.history.add({
      workflowTaskStartedEventAttributes: {
        scheduledEventId: this.taskScheduledId,
        historySizeBytes,
        suggestContinueAsNew,
      },
    });
    this.task = 'started';
    this.taskNumber++;
    this.taskStartedAt = this.agenda.now;
    return {
      historyLength: this.history.length,
      historySizeBytes,
      continueAsNewSuggested: suggestContinueAsNew,
    };
  }

  /** What its commands cause comes after all of them: until {@link flush} everything else waits. @returns the id of the event */
  completeTask(): number {
    const { taskScheduledId, taskStartedId } = this;
    this.taskAttempt = 1;
    return this.history.add({
      workflowTaskCompletedEventAttributes: {
        scheduledEventId: taskScheduledId,
        startedEventId: taskStartedId,
        sdkMetadata: { coreUsedFlags: CORE_FLAGS, langUsedFlags: [...this.flags] },
      },
    });
  }

  /** Its worker has failed it, or was never heard of again; it comes again. Only the first failure in a row is recorded. */
  failTask(failure: TaskFailure | 'timeout'): void {
    const { taskScheduledId, taskStartedId } = this;
    const ids = { scheduledEventId: taskScheduledId, startedEventId: taskStartedId };
    if (failure !== 'timeout' && failure.cause === WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND) {
      this.history.add({ workflowTaskFailedEventAttributes: { ...ids, ...failure } });
      return;
    }
    if (this.taskAttempt > 1 && this.isTaskAlone) this.forgetTask();
    else if (failure === 'timeout') this.history.add({ workflowTaskTimedOutEventAttributes: ids });
    else this.history.add({ workflowTaskFailedEventAttributes: { ...ids, ...failure } });
    this.taskAttempt++;
    if (this.isFailing) this.wakeUpdates();
  }

  /** Whether its workflow task fails again and again. */
  get isFailing(): boolean {
    return this.isOpen && this.taskAttempt >= FAILING;
  }

  /** Whether the workflow task under way may be for Updates alone: then a server keeps nothing of it before it is completed. */
  get isSpeculative(): boolean {
    return this.isTaskAlone && !this.isTaskForced;
  }

  /** Whether nothing has happened since the workflow task under way was scheduled. */
  private get isTaskAlone(): boolean {
    return this.history.length === this.taskStartedId && this.taskStartedId === this.taskScheduledId + 1;
  }

  /** A task of which nothing is to be known: one that only rejected Updates, or failed again. */
  forgetTask(): void {
    const at = this.taskScheduledId - 1;
    // Buffered events are not in the history yet, so these two are the last ones.
    this.history.drop(at, 2);
  }

  /** The workflow task is over: records what has waited for that, before the next one is scheduled. @param forces the next one */
  flush(forces = false): void {
    this.task = 'none';
    const held = this.held.take();
    if (!this.isOpen) return;
    for (const happening of held) this.write(happening);
    if (held.length > 0 || this.inbox.length > 0 || forces) this.scheduleTask(forces);
  }

  /** Ends it from outside; what has waited for its workflow task is recorded. */
  terminate(reason: string, failure: TaskFailure = { cause: FORCE_CLOSE }): Attributes {
    if (this.task === 'started') {
      const { taskScheduledId: scheduledEventId, taskStartedId: startedEventId } = this;
      this.history.add({
        workflowTaskFailedEventAttributes: { scheduledEventId, startedEventId, ...failure },
      });
      this.task = 'none';
      for (const happening of this.held.take()) this.write(happening);
    }
    const attributes = { workflowExecutionTerminatedEventAttributes: { reason } };
    this.close('terminated', attributes);
    return attributes;
  }

  close(status: Exclude<Status, 'running'>, attributes: Attributes): void {
    this.history.add(attributes);
    this.status = status;
    this.closedAt = this.agenda.now;
    this.task = 'none';
    this.held.take();
    for (const { stop } of this.timers.values()) stop();
    for (const activity of this.activities.values()) activity.forget();
    this.wakeUpdates();
    this.changed();
  }

  /** Forgets the Updates that only the server's memory has. */
  loseUpdates(): void {
    const lost = [...this.updates.values()].filter(
      ({ accepted, outcome, isInHistory }) => accepted === undefined && !outcome && !isInHistory,
    );
    const isKept = ({ doUpdate }: Job) => !lost.some(({ id }) => id === doUpdate?.id);
    this.inbox = this.inbox.filter(isKept);
    this.taskJobs = this.taskJobs.filter(isKept);
    for (const update of lost) {
      this.updates.delete(update.id);
      update.isLost = true;
      wake(update);
    }
  }

  /** Has those who wait for an Update look again. */
  private wakeUpdates(): void {
    for (const update of this.updates.values()) wake(update);
  }

  /** Takes its code out of the worker's memory. */
  evict(): void {
    const { cached } = this;
    this.inbox.unshift(...this.takeAhead().jobs);
    this.cached = undefined;
    if (cached) this.agenda.spawn(this.agenda.alone(cached.dispose()));
  }

  /** @returns what {@link ahead} holds, which is a matter of the caller from now on */
  takeAhead(): NonNullable<Execution['ahead']> {
    const { ahead = { jobs: [], done: [] } } = this;
    this.ahead = undefined;
    return ahead;
  }

  changed(): void {
    wake(this);
  }
}

/** Has those who wait for something look again. */
export function wake({ watchers }: { readonly watchers: (() => void)[] }): void {
  for (const watcher of watchers.splice(0)) watcher();
}

/** Code that fails its task fails it again: from the third attempt on it is waited longer and longer. @returns milliseconds */
function pauseBeforeTask(attempt: number): number {
  return attempt < FAILING ? 0 : Math.min(10_000 * 2 ** (attempt - FAILING), 600_000);
}

/** What came of a query; `not ready`: its workflow task fails again and again. */
export type QueryAnswer = { readonly result?: Payload; readonly failure?: Failure } | 'not ready';
