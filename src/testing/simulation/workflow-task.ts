import { coresdk } from '@temporalio/proto';
import { resolveActivity } from './resolve-activity';
import { timestamp } from './events';
import type { Execution } from './execution';
import type { Failure } from './start-input';
import { commandsIn, type Done, type TaskHistory } from './recorded-task';
import type { Activation, Command, FirstActivation, Job, Sandbox } from './sandbox';

/** An activation of a running task. Core sorts its jobs so. */
function sorted(jobs: readonly Job[]): Job[] {
  return [...jobs].sort((a, b) => rank(a) - rank(b));
}

function rank(job: Job): number {
  if (job.initializeWorkflow) return 0;
  if (job.notifyHasPatch) return 1;
  if (job.updateRandomSeed) return 2;
  if (job.signalWorkflow || job.doUpdate) return 3;
  if (job.resolveActivity?.isLocal) return 5;
  return job.queryWorkflow ? 6 : 4;
}

/** What an activation says about its time. */
interface When extends TaskHistory {
  /** In epoch milliseconds. */
  readonly at: number;
  readonly isReplaying: boolean;
}

/** Takes out what was cancelled before it was sent. @returns how its code learns of it */
function withdrawUnsent(done: Done[]): Job[] {
  const commands = commandsIn(done);
  return commands.flatMap((command) => {
    const { scheduleActivity: activity, startChildWorkflowExecution: child, startTimer: timer } = command;
    if (!activity && !child && !timer) return [];
    const cancel = commands.find(
      ({ requestCancelActivity, cancelChildWorkflowExecution, cancelTimer }) =>
        (activity && requestCancelActivity?.seq === activity.seq) ??
        (child && cancelChildWorkflowExecution?.childWorkflowSeq === child.seq) ??
        (timer && cancelTimer?.seq === timer.seq),
    );
    if (!cancel) return [];
    for (const one of [command, cancel]) done.splice(done.indexOf(one), 1);
    // Of a timer that it has cancelled itself the code does not hear.
    return activity ? [unsentActivity(activity)] : child ? [unsentChild(child)] : [];
  });
}

function unsentActivity({ seq, activityId, activityType }: coresdk.workflow_commands.IScheduleActivity): Job {
  return resolveActivity(
    seq ?? 0,
    { canceled: { message: 'Activity cancelled', canceledFailureInfo: {} }, attempt: 0 },
    { activityId: activityId ?? '', activityType: activityType ?? '', isLocal: false },
  );
}

function unsentChild({
  seq,
  workflowId,
  workflowType,
}: coresdk.workflow_commands.IStartChildWorkflowExecution): Job {
  const failure: Failure = {
    message: 'Child Workflow execution cancelled before scheduled',
    cause: { message: 'Cancelled', canceledFailureInfo: {} },
    childWorkflowExecutionFailureInfo: {
      workflowExecution: { workflowId: workflowId ?? '' },
      workflowType: { name: workflowType ?? '' },
      retryState: 1,
    },
  };
  return { resolveChildWorkflowExecutionStart: { seq: seq ?? 0, cancelled: { failure } } };
}

/** Has workflow code go on, by one activation after another: what a worker does with a workflow task. */
export class WorkflowTaskRunner {
  private readonly replays = new Map<Execution, Promise<void>>();

  constructor(
    private readonly sandbox: Sandbox,
    private readonly namespace: string,
    private readonly now: () => number,
  ) {}

  /**
   * One activation, and what follows from it at once: what is begun and cancelled in one workflow task is resolved, and was
   * never sent.
   * @param done what the task has come to so far, which grows by what the code asks for.
   * @throws WorkflowTaskFailure when the code fails its task
   */
  async activate(execution: Execution, jobs: readonly Job[], when: When, done: Done[]): Promise<void> {
    // There is nothing new for the code.
    if (jobs.length === 0) return;
    done.push(...(await this.activateOnce(execution, jobs, when)));
    await this.activate(execution, withdrawUnsent(done), when, done);
  }

  /** Asks a question, in an activation of its own. @returns what is answered */
  async ask(execution: Execution, job: Job): Promise<Command | undefined> {
    const [answer] = await this.activateOnce(execution, [job], {
      ...this.live(execution),
      isReplaying: true,
    });
    return answer;
  }

  private async activateOnce(
    execution: Execution,
    jobs: readonly Job[],
    { at, historyLength, historySizeBytes, continueAsNewSuggested, isReplaying }: When,
  ): Promise<readonly Command[]> {
    const activation = coresdk.workflow_activation.WorkflowActivation.fromObject({
      runId: execution.start.runId,
      timestamp: timestamp(at),
      historyLength,
      historySizeBytes,
      continueAsNewSuggested,
      isReplaying,
      availableInternalFlags: [...execution.flags],
      jobs: sorted(jobs),
    }) as Activation as FirstActivation;
    const { taskQueue } = execution.start;
    execution.cached ??= await this.sandbox.createWorkflow(activation, {
      namespace: this.namespace,
      taskQueue,
    });
    const { successful, failed } = await execution.cached.activate(activation);
    await execution.cached.getAndResetSinkCalls();
    if (failed) throw new WorkflowTaskFailure(failed.failure ?? { message: 'no reason is given' });
    for (const flag of successful?.usedInternalFlags ?? []) execution.flags.add(flag);
    return successful?.commands ?? [];
  }

  /** A worker that knows only the history brings the code to where it was. */
  async replay(execution: Execution): Promise<void> {
    const underWay = this.replays.get(execution);
    if (underWay) return await underWay;
    if (execution.cached) return;
    const replay = this.replayAll(execution);
    this.replays.set(execution, replay);
    try {
      await replay;
    } finally {
      this.replays.delete(execution);
    }
  }

  private async replayAll(execution: Execution): Promise<void> {
    const asked = new Set<number | null | undefined>();
    for (const task of execution.tasks) {
      const askedBefore = new Set(asked);
      const { at, historyLength, historySizeBytes, continueAsNewSuggested } = task;
      const when = { at, historyLength, historySizeBytes, continueAsNewSuggested, isReplaying: true };
      const done: Done[] = [];
      const left = task.done.flatMap((one) => ('marker' in one ? [one.marker] : []));
      let jobs: readonly Job[] = task.jobs.map(withoutValidator);
      // All markers of a task are known when its code runs again, so what runs at once is resolved at once.
      for (;;) {
        // Those of this task are resolved as they were asked for, whatever came first at that time.
        const known = left
          .filter(({ seq }) => asked.has(seq))
          .sort((a, b) => (askedBefore.has(a.seq) || askedBefore.has(b.seq) ? 0 : a.seq - b.seq));
        for (const one of known) left.splice(left.indexOf(one), 1);
        jobs = [...jobs, ...known.map(({ job }) => job)];
        if (jobs.length === 0) break;
        await this.activate(execution, jobs, { ...when, at: known.at(-1)?.at ?? task.at }, done);
        for (const { scheduleLocalActivity } of commandsIn(done)) asked.add(scheduleLocalActivity?.seq);
        jobs = [];
      }
      refuseOtherCommands(execution, task.done, done);
    }
  }

  /** When an activation of a task that runs now happens. */
  live(execution: Execution): When {
    const { length: historyLength, bytes: historySizeBytes } = execution.history;
    return {
      at: this.now(),
      historyLength,
      historySizeBytes,
      continueAsNewSuggested: false,
      isReplaying: false,
    };
  }
}

/** What is in a history was accepted. */
function withoutValidator(job: Job): Job {
  return job.doUpdate ? { doUpdate: { ...job.doUpdate, runValidator: false } } : job;
}

/** The code of a workflow has failed its workflow task: its sandbox is of no use any more. */
export class WorkflowTaskFailure extends Error {
  override readonly name = 'WorkflowTaskFailure';

  constructor(readonly failure: Failure) {
    super(failure.message ?? '');
  }
}

/** What of a command SDK core compares with history. */
const COMPARED = [
  'seq',
  'activityId',
  'activityType',
  'workflowId',
  'workflowType',
  'signalName',
  'protocolInstanceId',
];

/** The commands that history knows, by what SDK core compares of them. */
function recorded(done: readonly Done[]): string[] {
  return commandsIn(done)
    .filter((one) => !one.scheduleLocalActivity && !one.requestCancelLocalActivity)
    .map((command) => {
      const [kind = '', content = {}] =
        Object.entries(command).find(([name, value]) => name !== 'userMetadata' && value != null) ?? [];
      const said = content as Readonly<Record<string, unknown>>;
      return `${kind} ${JSON.stringify(COMPARED.map((name) => said[name] ?? null))}`;
    });
}

function refuseOtherCommands({ start }: Execution, before: readonly Done[], now: readonly Done[]): void {
  const [expected, got] = [recorded(before), recorded(now)];
  const at = expected.findIndex((command, index) => command !== got[index]);
  if (at === -1 && expected.length === got.length) return;
  const index = at === -1 ? expected.length : at;
  throw new WorkflowTaskFailure({
    message: `[TMPRL1100] ${start.workflowId} does something else when it is replayed: ${got[index] ?? 'nothing'}, and did ${expected[index] ?? 'nothing'}`,
    applicationFailureInfo: { type: 'DeterminismViolationError' },
  });
}
