import { temporal } from '@temporalio/proto';
import type { Agenda } from './agenda';
import { type Attributes, History, type HistoryEvent } from './events';
import type { Command, Job, SandboxedWorkflow } from './sandbox';

export type Payload = temporal.api.common.v1.IPayload;
export type Failure = temporal.api.failure.v1.IFailure;
export type WorkflowTaskFailedCause = temporal.api.enums.v1.WorkflowTaskFailedCause;
export type Status =
  'running' | 'completed' | 'failed' | 'canceled' | 'terminated' | 'continued-as-new' | 'timed-out';

/** By which workflow task something was asked for. */
export interface ByTask {
  readonly workflowTaskCompletedEventId: number;
}

/** Which execution, in the one namespace of a simulation. */
export interface ExecutionId {
  readonly workflowId: string;
  readonly runId: string;
}

/** How a run was started. Payloads and times are those of the API. */
export interface StartInput extends ExecutionId {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  readonly header?: temporal.api.common.v1.IHeader | null;
  readonly memo?: temporal.api.common.v1.IMemo | null;
  readonly searchAttributes?: temporal.api.common.v1.ISearchAttributes | null;
  readonly taskTimeoutMs: number;
  readonly firstRunId: string;
  readonly continuedFrom?: string;
  readonly parent?: ExecutionId & { readonly initiatedId: number };
  readonly root: ExecutionId;
  readonly userMetadata?: temporal.api.sdk.v1.IUserMetadata | null;
}

/** What another execution, a timer, a participant or a client does to an execution: an event, and how its code learns of it. */
export interface Happening {
  readonly attributes: Attributes;
  /** Absent: the code does not learn of it, and yet has a workflow task for it. */
  readonly job?: (execution: Execution) => Job;
  /** Whether it happens again to a run that is reset to before it. @default never */
  readonly happensAgain?: (execution: Execution) => boolean;
  /** An event that its own precedes: that of the start of an activity's last attempt. */
  readonly before?: Attributes;
}

/** What resolved a local activity, as a marker keeps it. */
export interface LocalResolution {
  readonly seq: number;
  readonly job: Job;
  /** When, in epoch milliseconds. */
  readonly at: number;
  readonly activity: {
    readonly activityId: string;
    readonly activityType: string;
    /** Of the last one, from 1. */
    readonly attempt: number;
    readonly scheduledAt: number;
  };
}

/** A command, or the marker of a local activity. */
export type Done = Command | { readonly marker: LocalResolution };

/** What was asked for, without the markers. */
export function commandsIn(done: readonly Done[]): Command[] {
  return done.filter((one): one is Command => !('marker' in one));
}

/** A completed workflow task: what a worker that has only the history gives the workflow code again. */
export interface RecordedTask {
  /** The event of its completion. */
  readonly completedId: number;
  readonly jobs: readonly Job[];
  readonly at: number;
  readonly historyLength: number;
  /** What the code has asked for, and what was resolved inside of the task, in order. */
  readonly done: readonly Done[];
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

const causes = temporal.api.enums.v1.WorkflowTaskFailedCause;

/** The attempt from which on a workflow task counts as failing. */
const FAILING = 3;

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
  private buffered: Happening[] = [];
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
  tasks: RecordedTask[] = [];
  /** What the workflow task under way has given to the code. */
  taskJobs: readonly Job[] = [];
  /** In a worker's memory. */
  cached: SandboxedWorkflow | undefined;
  /** What a query has made the code in memory do before the workflow task for it. */
  ahead: { readonly jobs: readonly Job[]; readonly done: readonly Done[] } | undefined;
  readonly activities = new Map<
    number,
    { readonly scheduledId: number; requestCancel(): void; forget(): void }
  >();
  readonly timers = new Map<number, { readonly startedId: number; readonly stop: () => void }>();
  readonly children = new Map<
    number,
    { readonly initiatedId: number; readonly workflowId: string; isStarted: boolean }
  >();
  /** By the event at which a child was initiated: what happens to it when this run is over. */
  readonly closePolicies = new Map<number, ClosePolicy>();
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

  constructor(
    readonly start: StartInput,
    private readonly agenda: Agenda,
    /** Has a worker take the workflow task that was scheduled. */
    private readonly offerTask: (execution: Execution) => void,
    /** Of a run that was reset: those of the other run, up to that point. */
    events: readonly HistoryEvent[] = [],
  ) {
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
    if (this.task === 'started') this.buffered.push(happening);
    else this.record(happening);
  }

  /** Whether an event has come that its code does not know, so that it may not end the run. An Update may be lost. */
  get hasNews(): boolean {
    return this.buffered.length > 0;
  }

  /** Something that waits for the end of the workflow task does not happen. */
  withdraw(happening: Happening): void {
    this.buffered = this.buffered.filter((one) => one !== happening);
  }

  /** An Update arrives: it is in no history before it is accepted. */
  admit(job: Job): void {
    if (!this.isOpen) return;
    this.inbox.push(job);
    if (this.task !== 'started') this.scheduleTask();
  }

  private record(happening: Happening): void {
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

  scheduleTask(): void {
    if (!this.isOpen || this.task !== 'none') return;
    const { taskQueue, taskTimeoutMs } = this.start;
    this.taskScheduledId = this.history.add({
      workflowTaskScheduledEventAttributes: {
        taskQueue: { name: taskQueue },
        startToCloseTimeout: { seconds: taskTimeoutMs / 1_000 },
        attempt: this.taskAttempt,
      },
    });
    this.task = 'scheduled';
    this.agenda.after(pauseBeforeTask(this.taskAttempt), () => this.offerTask(this));
  }

  startTask(): void {
    this.taskStartedId = this.history.add({
      workflowTaskStartedEventAttributes: { scheduledEventId: this.taskScheduledId },
    });
    this.task = 'started';
    this.taskNumber++;
    this.taskStartedAt = this.agenda.now;
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
  failTask(failure: Failure | 'timeout' | WorkflowTaskFailedCause): void {
    const { taskScheduledId, taskStartedId } = this;
    const ids = { scheduledEventId: taskScheduledId, startedEventId: taskStartedId };
    if (failure === causes.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND) {
      this.history.add({
        workflowTaskFailedEventAttributes: {
          ...ids,
          cause: failure,
          failure: { message: 'UnhandledCommand' },
        },
      });
      return;
    }
    if (this.taskAttempt > 1 && this.isTaskAlone) this.forgetTask();
    else if (failure === 'timeout') this.history.add({ workflowTaskTimedOutEventAttributes: ids });
    else if (typeof failure === 'number')
      this.history.add({ workflowTaskFailedEventAttributes: { ...ids, cause: failure } });
    else this.history.add({ workflowTaskFailedEventAttributes: { ...ids, failure } });
    this.taskAttempt++;
    if (this.isFailing) this.wakeUpdates();
  }

  /** Whether its workflow task fails again and again. */
  get isFailing(): boolean {
    return this.isOpen && this.taskAttempt >= FAILING;
  }

  /** Whether nothing has happened since the workflow task under way was scheduled. */
  get isTaskAlone(): boolean {
    return this.history.length === this.taskStartedId && this.taskStartedId === this.taskScheduledId + 1;
  }

  /** A task of which nothing is to be known: one that only rejected Updates, or failed again. */
  forgetTask(): void {
    const at = this.taskScheduledId - 1;
    // Buffered events are not in the history yet, so these two are the last ones.
    this.history.events.splice(at, 2);
  }

  /** The workflow task is over: records what has waited for that. */
  flush(): void {
    this.task = 'none';
    const buffered = this.buffered;
    this.buffered = [];
    for (const happening of buffered) if (this.isOpen) this.record(happening);
    if (this.inbox.length > 0) this.scheduleTask();
  }

  /** Ends it from outside; what has waited for its workflow task is recorded. */
  terminate(reason: string): Attributes {
    if (this.task === 'started') {
      const { taskScheduledId: scheduledEventId, taskStartedId: startedEventId } = this;
      const cause = causes.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND;
      this.history.add({ workflowTaskFailedEventAttributes: { scheduledEventId, startedEventId, cause } });
      this.task = 'none';
      for (const happening of this.buffered.splice(0)) this.write(happening);
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
    this.buffered = [];
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
      for (const watcher of update.watchers.splice(0)) watcher();
    }
  }

  /** Has those who wait for an Update look again. */
  private wakeUpdates(): void {
    for (const update of this.updates.values()) for (const watcher of update.watchers.splice(0)) watcher();
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
    for (const watcher of this.watchers.splice(0)) watcher();
  }
}

/** Code that fails its task fails it again: from the third attempt on it is waited longer and longer. @returns milliseconds */
function pauseBeforeTask(attempt: number): number {
  return attempt < FAILING ? 0 : Math.min(10_000 * 2 ** (attempt - FAILING), 600_000);
}

/** What came of a query; `not ready`: its workflow task fails again and again. */
export type QueryAnswer = { readonly result?: Payload; readonly failure?: Failure } | 'not ready';
