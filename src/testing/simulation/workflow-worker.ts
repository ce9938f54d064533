import type { Agenda } from './agenda';
import { applyCommands } from './commands';
import type { Execution, TaskFailure } from './execution';
import type { Executions, TaskTaker } from './executions';
import type { Faults } from './faults';
import { terminateExecution } from './closing';
import { LocalActivities } from './local-activities';
import type { Done, TaskHistory } from './recorded-task';
import { endsRun, eventsIn, type Refusal, refusalOf, refusalOfWorker } from './refusals';
import type { Job } from './sandbox';
import { isOfUpdates, withoutRejected } from './updates';
import { WorkflowTaskFailure, type WorkflowTaskRunner } from './workflow-task';

/** A workflow task that follows another one is scheduled and started with it: the worker has the workflow in its memory. */
const EVENTS_OF_NEXT_TASK = 2;
/** That of the failure, and the next task's. */
const EVENTS_OF_FAILURE = 2;

/** Workers that run workflow code, and what comes of their workflow tasks. */
export class WorkflowWorker implements TaskTaker {
  private readonly agenda: Agenda;
  private readonly local: LocalActivities;
  private readonly planned: { readonly workflowId: string; readonly task: number; isDone: boolean }[] = [];
  /** What the code has failed its tasks with. */
  readonly failures: string[] = [];

  constructor(
    private readonly executions: Executions,
    private readonly runner: WorkflowTaskRunner,
    private readonly faults: Faults,
  ) {
    this.agenda = executions.agenda;
    this.local = new LocalActivities(
      this.agenda,
      ({ taskQueue }) => executions.activitiesAt(taskQueue),
      executions.limits.localActivities,
    );
  }

  take(execution: Execution): void {
    this.agenda.spawn(this.runTask(execution));
  }

  /** A worker's part of a workflow task, and what comes of it. */
  private async runTask(execution: Execution): Promise<void> {
    const { runner, agenda, local } = this;
    const started = execution.startTask();
    if (!started) return;
    const { taskNumber } = execution;
    const ahead = execution.takeAhead();
    const news = execution.inbox.splice(0);
    const jobs = [...ahead.jobs, ...news];
    execution.taskJobs = jobs;
    const isCurrent = () =>
      execution.task === 'started' &&
      execution.taskNumber === taskNumber &&
      execution.lostTask !== taskNumber;
    try {
      await agenda.alone(runner.replay(execution));
      const live = { ...runner.live(execution), ...started };
      const done = [...ahead.done];
      await agenda.alone(runner.activate(execution, news, live, done));
      const taken = local.begin(execution, done);
      while (taken.isOpen && isCurrent() && !endsRun(done)) {
        const resolved = await taken.next();
        if (!resolved || !isCurrent()) break;
        const now = { ...live, at: agenda.now };
        done.push(...resolved.map((marker) => ({ marker })));
        const known = done.length;
        const resolutions = resolved.map(({ job }) => job);
        await agenda.alone(runner.activate(execution, resolutions, now, done));
        taken.add(done.slice(known));
      }
      if (!isCurrent()) {
        // At its next heartbeat a worker learns that the run is over, and ends what it does for it.
        if (!execution.isOpen) local.forget(execution);
        return;
      }
      await this.answerQueries(execution);
      if (this.isToBeLost(execution) || this.faults.strikes('lostTask')) return this.loseTask(execution);
      await agenda.sent();
      if (!isCurrent()) return;
      this.completeTask(execution, jobs, done, live);
    } catch (error) {
      if (!(error instanceof WorkflowTaskFailure)) throw error;
      execution.evict();
      await agenda.sent();
      this.fail(execution, error);
      if (isCurrent()) this.failTask(execution, jobs, { failure: error.failure });
    }
  }

  private completeTask(
    execution: Execution,
    jobs: readonly Job[],
    done: readonly Done[],
    { at, historyLength, historySizeBytes, continueAsNewSuggested }: TaskHistory & { readonly at: number },
  ): void {
    const { limits } = this.executions;
    const refusal = refusalOfWorker(execution, done, limits) ?? refusalOf(execution, done, limits);
    if (refusal) return this.refuse(execution, jobs, refusal);
    const onlyRejects =
      isOfUpdates(jobs) && done.every((one) => 'updateResponse' in one && one.updateResponse?.rejected);
    if (onlyRejects && execution.isSpeculative) {
      applyCommands(this.executions, execution, done, 0);
      execution.forgetTask();
    } else {
      if (!endsRun(done) && execution.endsAtLimit(this.eventsOfTransaction(execution, done)))
        return this.local.forget(execution);
      const completedId = execution.completeTask();
      execution.tasks.push({
        completedId,
        ...withoutRejected(execution, jobs, done),
        ...{ at, historyLength, historySizeBytes, continueAsNewSuggested },
      });
      applyCommands(this.executions, execution, done, completedId);
    }
    const isBusy = execution.isOpen && this.local.isUnderWay(execution);
    if (!isBusy && this.faults.evicts(!execution.isOpen)) execution.evict();
    execution.flush(isBusy);
    this.offerQueries(execution);
  }

  /** How many events the completion of a workflow task adds to the history. What has come meanwhile begins the next one. */
  private eventsOfTransaction(execution: Execution, done: readonly Done[]): number {
    const { heldBack } = execution;
    const isFollowed = heldBack > 0 || execution.inbox.length > 0 || this.local.isUnderWay(execution);
    return eventsIn(done) + heldBack + (isFollowed ? EVENTS_OF_NEXT_TASK : 0);
  }

  private refuse(execution: Execution, jobs: readonly Job[], refusal: Refusal): void {
    const { failure, terminates, isReportedAgain = false, problem } = refusal;
    if (problem !== undefined) this.failures.push(`${execution.start.workflowId}: ${problem}`);
    if (execution.taskAttempt > 1 && !isReportedAgain) return this.loseTask(execution);
    execution.evict();
    if (terminates === undefined) return this.failTask(execution, jobs, failure);
    this.local.forget(execution);
    terminateExecution(this.executions, execution, terminates, failure);
  }

  lose(execution: Execution, failure: TaskFailure): void {
    const { taskJobs } = execution;
    execution.evict();
    this.failTask(execution, taskJobs, failure);
  }

  /** @param task which one of a workflow's latest run, from 0. @returns what tells whether it was lost. */
  planLoss(workflowId: string, task: number): () => boolean {
    const plan = { workflowId, task, isDone: false };
    this.planned.push(plan);
    return () => plan.isDone;
  }

  private isToBeLost({ start, tasks }: Execution): boolean {
    const plan = this.planned.find(
      ({ workflowId, task, isDone }) => workflowId === start.workflowId && task === tasks.length && !isDone,
    );
    if (plan) plan.isDone = true;
    return plan !== undefined;
  }

  /** All workers die with what they have in their hands and in their memory. */
  die(): void {
    for (const execution of this.executions.runs.filter(({ isOpen }) => isOpen)) {
      if (execution.task === 'started') this.loseTask(execution);
      else execution.evict();
    }
  }

  /**
   * The server goes down and comes up. What it had only in memory is lost: Updates that no workflow has accepted, and tasks for
   * them alone. Of the other tasks under way it hears no more.
   */
  loseServer(): void {
    for (const execution of this.executions.runs.filter(({ isOpen }) => isOpen)) {
      const isForUpdates = execution.task === 'started' && isOfUpdates(execution.taskJobs);
      execution.loseUpdates();
      if (execution.task !== 'started') continue;
      this.loseTask(execution);
      if (!isForUpdates || !execution.isSpeculative) continue;
      execution.forgetTask();
      execution.flush();
    }
  }

  /** Nobody is heard of any more who has its workflow task. */
  private loseTask(execution: Execution): void {
    const { taskNumber, taskStartedAt, start } = execution;
    execution.lostTask = taskNumber;
    execution.evict();
    this.local.forget(execution);
    this.agenda.at(taskStartedAt + start.taskTimeoutMs, () => {
      if (execution.task === 'started' && execution.taskNumber === taskNumber)
        this.failTask(execution, execution.taskJobs, 'timeout');
    });
  }

  private failTask(execution: Execution, jobs: readonly Job[], failure: TaskFailure | 'timeout'): void {
    this.local.forget(execution);
    if (execution.endsAtLimit(execution.taskAttempt > 1 ? 0 : EVENTS_OF_FAILURE)) return;
    execution.inbox.unshift(...jobs);
    execution.failTask(failure);
    execution.flush();
    execution.scheduleTask();
    if (execution.isFailing) this.refuseQueries(execution);
  }

  private async askNow(execution: Execution): Promise<void> {
    try {
      await this.agenda.alone(this.runner.replay(execution));
      await this.goAhead(execution);
      await this.answerQueries(execution);
    } catch (error) {
      if (!(error instanceof WorkflowTaskFailure)) throw error;
      execution.evict();
      this.fail(execution, error);
      for (const { answer } of execution.queries.splice(0)) answer({ failure: error.failure });
    }
  }

  private fail(execution: Execution, error: WorkflowTaskFailure): void {
    this.failures.push(`${execution.start.workflowId}: ${error.message}`);
  }

  /**
   * With a query a worker gets what has happened meanwhile, before the workflow task for that: its code goes on, and what it
   * asks for is sent with that task.
   */
  private async goAhead(execution: Execution): Promise<void> {
    const jobs = execution.inbox;
    // An Update would come after what follows from them, and SDK core 1.24 replays it before: it refuses the history.
    if (execution.task !== 'scheduled' || jobs.length === 0 || jobs.some(({ doUpdate }) => doUpdate)) return;
    execution.inbox = [];
    const before = execution.takeAhead();
    const done = [...before.done];
    await this.agenda.alone(this.runner.activate(execution, jobs, this.runner.live(execution), done));
    execution.ahead = { jobs: [...before.jobs, ...jobs], done };
  }

  /** Answers what was asked meanwhile, each question in an activation of its own. */
  async answerQueries(execution: Execution): Promise<void> {
    const { runner, agenda } = this;
    for (const { job, answer } of execution.queries.splice(0)) {
      // With the worker that had it in memory another question may have died.
      await agenda.alone(runner.replay(execution));
      if (!execution.cached) await this.beginForQuery(execution);
      const command = await agenda.alone(runner.ask(execution, job));
      const { succeeded, failed } = command?.respondToQuery ?? {};
      answer({
        ...(succeeded?.response && { result: succeeded.response }),
        ...(failed && { failure: failed }),
      });
    }
  }

  /** As a server does it: nothing says when an answer could come. */
  private refuseQueries({ queries }: Execution): void {
    for (const { answer } of queries.splice(0)) answer('not ready');
  }

  /** Of a run that was over before its first workflow task was completed a worker runs what there is. */
  private async beginForQuery(execution: Execution): Promise<void> {
    const jobs = [...execution.taskJobs, ...execution.inbox].filter(({ doUpdate }) => !doUpdate);
    await this.agenda.alone(this.runner.activate(execution, jobs, this.runner.live(execution), []));
  }

  /** Asks a worker, or with the workflow task that is to be done. */
  ask(execution: Execution, query: Execution['queries'][number]): void {
    execution.queries.push(query);
    if (execution.isFailing) return this.refuseQueries(execution);
    if (execution.task === 'none') return this.offerQueries(execution);
    const offerWhenOver = () => {
      if (execution.isOpen) execution.watchers.push(offerWhenOver);
      else this.offerQueries(execution);
    };
    offerWhenOver();
  }

  /** Has a worker answer what no workflow task has answered, unless there is one to come. */
  private offerQueries(execution: Execution): void {
    if (execution.task !== 'none' || execution.queries.length === 0) return;
    this.executions.offer(execution.start.taskQueue, () => {
      // With the one that has begun meanwhile.
      if (execution.task === 'started' || execution.queries.length === 0) return;
      this.agenda.spawn(this.askNow(execution));
    });
  }
}
