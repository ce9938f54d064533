import type { Agenda } from './agenda';
import { applyCommands } from './commands';
import { commandsIn, type Done, type Execution, type Failure } from './execution';
import type { Executions, TaskTaker } from './executions';
import type { Faults } from './faults';
import { LocalActivities } from './local-activities';
import type { Job } from './sandbox';
import { WorkflowTaskFailure, type WorkflowTaskRunner } from './workflow-task';

/** Workers that run workflow code, and what comes of their workflow tasks. */
export class WorkflowWorker implements TaskTaker {
  private readonly agenda: Agenda;
  private readonly local: LocalActivities;
  /** What the code has failed its tasks with. */
  readonly failures: string[] = [];

  constructor(
    private readonly executions: Executions,
    private readonly runner: WorkflowTaskRunner,
    private readonly faults: Faults,
  ) {
    this.agenda = executions.agenda;
    this.local = new LocalActivities(this.agenda, ({ taskQueue }) => executions.activitiesAt(taskQueue));
  }

  take(execution: Execution): void {
    this.agenda.spawn(this.runTask(execution));
  }

  /** A worker's part of a workflow task, and what comes of it. */
  private async runTask(execution: Execution): Promise<void> {
    const { runner, agenda, local } = this;
    execution.startTask();
    const taskStartedId = execution.taskStartedId;
    const jobs = execution.inbox.splice(0);
    const isCurrent = () => execution.task === 'started' && execution.taskStartedId === taskStartedId;
    try {
      await agenda.alone(runner.replay(execution));
      const live = runner.live(execution);
      const done: Done[] = [];
      await agenda.alone(runner.activate(execution, jobs, live, done));
      const taken = local.begin(execution, done);
      while (taken.isOpen && isCurrent() && !endsRun(done)) {
        const resolved = await taken.next();
        if (!resolved) break;
        const now = { ...live, at: agenda.now };
        done.push(...resolved.map((marker) => ({ marker })));
        const known = done.length;
        const resolutions = resolved.map(({ job }) => job);
        await agenda.alone(runner.activate(execution, resolutions, now, done));
        taken.add(done.slice(known));
      }
      await this.answerQueries(execution);
      if (this.faults.strikes('lostTask')) return this.loseTask(execution, jobs, live.at, isCurrent);
      await agenda.sent();
      if (!isCurrent()) return;
      this.completeTask(execution, jobs, done, live);
    } catch (error) {
      if (!(error instanceof WorkflowTaskFailure)) throw error;
      execution.evict();
      await agenda.sent();
      this.failures.push(`${execution.start.workflowId}: ${error.message}`);
      if (isCurrent()) this.failTask(execution, jobs, error.failure);
    }
  }

  private completeTask(
    execution: Execution,
    jobs: readonly Job[],
    done: readonly Done[],
    { at, historyLength }: { readonly at: number; readonly historyLength: number },
  ): void {
    if (endsRun(done) && execution.hasNews) {
      execution.evict();
      this.failTask(execution, jobs, 'unhandled');
      return;
    }
    const onlyRejects =
      jobs.length > 0 &&
      jobs.every(({ doUpdate }) => doUpdate) &&
      done.every((one) => 'updateResponse' in one && one.updateResponse?.rejected);
    if (onlyRejects && execution.isTaskAlone) {
      applyCommands(this.executions, execution, done, 0);
      execution.forgetTask();
    } else {
      const completedId = execution.completeTask();
      execution.tasks.push({ jobs, at, historyLength, done });
      applyCommands(this.executions, execution, done, completedId);
    }
    if (!execution.isOpen) execution.evict();
    execution.flush();
    if (this.local.isUnderWay(execution)) execution.scheduleTask();
  }

  private loseTask(
    execution: Execution,
    jobs: readonly Job[],
    startedAt: number,
    isCurrent: () => boolean,
  ): void {
    execution.evict();
    this.local.forget(execution);
    this.agenda.at(startedAt + execution.start.taskTimeoutMs, () => {
      if (isCurrent()) this.failTask(execution, jobs, 'timeout');
    });
  }

  private failTask(
    execution: Execution,
    jobs: readonly Job[],
    failure: Failure | 'timeout' | 'unhandled',
  ): void {
    this.local.forget(execution);
    execution.inbox.unshift(...jobs);
    execution.failTask(failure);
    execution.flush();
    execution.scheduleTask();
  }

  private async askNow(execution: Execution): Promise<void> {
    await this.agenda.alone(this.runner.replay(execution));
    await this.answerQueries(execution);
  }

  /** Answers what was asked meanwhile, each question in an activation of its own. */
  async answerQueries(execution: Execution): Promise<void> {
    const { runner, agenda } = this;
    for (const { job, answer } of execution.queries.splice(0)) {
      const command = await agenda.alone(runner.ask(execution, job));
      const { succeeded, failed } = command?.respondToQuery ?? {};
      answer({
        ...(succeeded?.response && { result: succeeded.response }),
        ...(failed && { failure: failed }),
      });
    }
  }

  /** Asks a worker between workflow tasks, or with the one that is under way. */
  ask(execution: Execution, query: Execution['queries'][number]): void {
    execution.queries.push(query);
    this.executions.offer(execution.start.taskQueue, () => {
      if (execution.task !== 'none' || execution.queries.length === 0) return;
      this.agenda.spawn(this.askNow(execution));
    });
  }
}

function endsRun(done: readonly Done[]): boolean {
  return commandsIn(done).some(
    (one) =>
      (one.completeWorkflowExecution ??
        one.failWorkflowExecution ??
        one.cancelWorkflowExecution ??
        one.continueAsNewWorkflowExecution) != null,
  );
}
