import type { Attempt } from './activity-task';
import type { Activity, ActivityWorker } from './activity-worker';
import type { Agenda } from './agenda';
import { type Attributes, type HistoryEvent, timestamp } from './events';
import { Execution, type ExecutionHost, type TaskFailure } from './execution';
import type { StartInput } from './start-input';
import type { TemporalLimits } from './limits';
import type { Job } from './sandbox';

/** Takes workflow tasks. */
export interface TaskTaker {
  /** Runs the workflow task that was scheduled. */
  take(execution: Execution): void;
  /** Loses the workflow task of an execution, which the server has failed. */
  lose(execution: Execution, failure: TaskFailure): void;
}

/** Who polls a task queue. */
export interface Poller {
  readonly workflows?: TaskTaker;
  readonly activities: ActivityWorker;
}

/** What a nested start, a continuation or a client asks for; ids of runs are the server's to give. */
export type NewExecution = Omit<StartInput, 'runId' | 'firstRunId' | 'root'> &
  Partial<Pick<StartInput, 'firstRunId' | 'root'>>;

/** The executions of a server, and its task queues. */
export class Executions implements ExecutionHost {
  /** All runs, in the order in which they began. */
  readonly runs: Execution[] = [];
  private readonly latest = new Map<string, Execution>();
  private readonly pollers = new Map<string, Poller>();
  private everywhere: Poller | undefined;
  private isPolledEverywhere = (_taskQueue: string) => true;
  private readonly waiting = new Map<string, (() => void)[]>();

  constructor(
    readonly agenda: Agenda,
    readonly namespace: string,
    readonly limits: TemporalLimits,
    /** Terminates an execution: its parent and its children learn of it. */
    private readonly end: (executions: Executions, execution: Execution, reason: string) => void,
  ) {}

  /** A worker polls a task queue from now on. */
  poll(taskQueue: string, poller: Poller): void {
    this.pollers.set(taskQueue, poller);
    this.takeWaiting(taskQueue);
  }

  /** A worker polls every task queue that no other one does. @param isPolled which of them */
  pollEverywhere(poller: Poller, isPolled: (taskQueue: string) => boolean = () => true): void {
    this.everywhere = poller;
    this.isPolledEverywhere = isPolled;
    for (const taskQueue of [...this.waiting.keys()]) this.takeWaiting(taskQueue);
  }

  private pollerOf(taskQueue: string): Poller | undefined {
    return this.pollers.get(taskQueue) ?? (this.isPolledEverywhere(taskQueue) ? this.everywhere : undefined);
  }

  private takeWaiting(taskQueue: string): void {
    for (const offer of this.waiting.get(taskQueue)?.splice(0) ?? []) offer();
  }

  find({
    workflowId,
    runId,
  }: {
    readonly workflowId: string;
    readonly runId?: string;
  }): Execution | undefined {
    if (runId) return this.runs.find(({ start }) => start.runId === runId && start.workflowId === workflowId);
    return this.latest.get(workflowId);
  }

  /** The id that the next run gets. */
  get nextRunId(): string {
    return `00000000-0000-4000-8000-${String(this.runs.length + 1).padStart(12, '0')}`;
  }

  begin(given: NewExecution): Execution {
    const ordinal = this.runs.length + 1;
    const runId = this.nextRunId;
    const { workflowId } = given;
    const start: StartInput = {
      ...given,
      runId,
      firstRunId: given.firstRunId ?? runId,
      root: given.root ?? { workflowId, runId },
    };
    const execution = new Execution(start, this);
    this.runs.push(execution);
    this.latest.set(workflowId, execution);
    execution.history.add(startedEvent(start, this.namespace), start.userMetadata);
    execution.inbox.push({
      initializeWorkflow: initialize(start, ordinal, this.namespace, this.agenda.now),
    } as Job);
    execution.scheduleTask();
    return execution;
  }

  /** @returns a run that has the history of another one, up to an event. */
  fork(base: Execution, events: readonly HistoryEvent[]): Execution {
    const start: StartInput = { ...base.start, runId: this.nextRunId };
    const execution = new Execution(start, this, events);
    this.runs.push(execution);
    this.latest.set(start.workflowId, execution);
    return execution;
  }

  signal(execution: Execution, signalName: string, input: readonly object[], header?: object | null): void {
    execution.happen({
      attributes: {
        workflowExecutionSignaledEventAttributes: { signalName, input: { payloads: input }, header },
      },
      job: () => ({ signalWorkflow: { signalName, input: [...input], headers: {} } }),
      happensAgain: () => true,
    });
  }

  requestCancel(execution: Execution, cause = ''): void {
    if (execution.cancelRequested) return;
    execution.cancelRequested = true;
    execution.happen({
      attributes: { workflowExecutionCancelRequestedEventAttributes: { cause } },
      job: () => ({ cancelWorkflow: { reason: cause } }),
    });
  }

  /** Has a worker of the activity's queue take an attempt. @returns what withdraws the offer. */
  offerAttempt(activity: Activity, attempt: Attempt): () => void {
    let withdrawn = false;
    const take = () => {
      if (!withdrawn) this.activitiesAt(activity.taskQueue)?.run(activity, attempt);
    };
    this.offer(activity.taskQueue, take);
    return () => void (withdrawn = true);
  }

  activitiesAt(taskQueue: string): ActivityWorker | undefined {
    return this.pollerOf(taskQueue)?.activities;
  }

  /** Offers something to who polls a task queue, as soon as somebody does. */
  offer(taskQueue: string, take: () => void): void {
    if (this.pollerOf(taskQueue)) this.agenda.send(take);
    else this.waiting.set(taskQueue, [...(this.waiting.get(taskQueue) ?? []), () => this.agenda.send(take)]);
  }

  /** Who runs the code of an execution. */
  codeOf(execution: Execution): TaskTaker | undefined {
    return this.pollerOf(execution.start.taskQueue)?.workflows;
  }

  failTask(execution: Execution, failure: TaskFailure): void {
    this.codeOf(execution)?.lose(execution, failure);
  }

  terminate(execution: Execution, reason: string): void {
    this.end(this, execution, reason);
  }

  offerTask(execution: Execution): void {
    this.offer(execution.start.taskQueue, () => {
      if (execution.isOpen && execution.task === 'scheduled') this.codeOf(execution)?.take(execution);
    });
  }
}

function startedEvent(start: StartInput, namespace: string): Attributes {
  const { parent } = start;
  return {
    workflowExecutionStartedEventAttributes: {
      workflowType: { name: start.workflowType },
      workflowId: start.workflowId,
      taskQueue: { name: start.taskQueue },
      input: { payloads: start.input },
      workflowTaskTimeout: { seconds: start.taskTimeoutMs / 1_000 },
      originalExecutionRunId: start.runId,
      firstExecutionRunId: start.firstRunId,
      continuedExecutionRunId: start.continuedFrom,
      attempt: 1,
      header: start.header,
      memo: start.memo,
      searchAttributes: start.searchAttributes,
      ...(parent && {
        parentWorkflowNamespace: namespace,
        parentWorkflowExecution: { workflowId: parent.workflowId, runId: parent.runId },
        parentInitiatedEventId: parent.initiatedId,
      }),
      rootWorkflowExecution: start.root,
    },
  };
}

function initialize(start: StartInput, ordinal: number, namespace: string, now: number): object {
  const { parent, memo, searchAttributes, header, root } = start;
  return {
    workflowType: start.workflowType,
    workflowId: start.workflowId,
    arguments: start.input,
    randomnessSeed: ordinal,
    headers: header?.fields ?? {},
    ...(parent && {
      parentWorkflowInfo: { namespace, workflowId: parent.workflowId, runId: parent.runId },
    }),
    workflowTaskTimeout: { seconds: Math.floor(start.taskTimeoutMs / 1_000), nanos: 0 },
    continuedFromExecutionRunId: start.continuedFrom ?? '',
    firstExecutionRunId: start.firstRunId,
    attempt: 1,
    memo,
    searchAttributes,
    startTime: timestamp(now),
    rootWorkflow: root,
  };
}
