import { workflowInfo } from '@temporalio/workflow';
import { perWorkflow } from './per-workflow';
import { engineSleep } from './scopes';

/** The server terminates a workflow whose task schedules more than 4 MiB at once. */
const MAX_TASK_BYTES = 3_000_000;

/** Spreads what a workflow schedules over its tasks, since the calls of one task travel in one message. */
class TaskBudget {
  private task = -1;
  private used = 0;

  /** @returns whether this workflow task has room for a call of this size, which then counts as scheduled. */
  take(bytes: number): boolean {
    // The length of the history is the same for all that happens in one workflow task, also when it is replayed.
    const { historyLength } = workflowInfo();
    if (this.task !== historyLength) Object.assign(this, { task: historyLength, used: 0 });
    if (this.used > 0 && this.used + bytes > MAX_TASK_BYTES) return false;
    this.used += bytes;
    return true;
  }

  /** Waits for another workflow task. */
  async next(): Promise<void> {
    await engineSleep(1, { summary: 'waits for a workflow task with room for its next call' });
  }
}

export const taskBudget = perWorkflow(() => new TaskBudget());
