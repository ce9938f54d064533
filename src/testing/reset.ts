import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** A run of a workflow, and the events at which it can be reset. */
export class ResettableRun {
  private constructor(
    private readonly client: Client,
    private readonly workflowId: string,
    private readonly runId: string,
    /** The events at which its workflow tasks were completed; before the first one, that at which it was started. */
    readonly tasks: readonly number[],
  ) {}

  /** @returns the latest run. */
  static async of(client: Client, workflowId: string): Promise<ResettableRun> {
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const completed = (events ?? []).filter((event) => event.workflowTaskCompletedEventAttributes);
    const started = (events ?? []).filter((event) => event.workflowTaskStartedEventAttributes);
    const tasks = completed.length > 0 ? completed : started.slice(0, 1);
    return new ResettableRun(
      client,
      workflowId,
      runId,
      tasks.map(({ eventId }) => Number(eventId)),
    );
  }

  /**
   * Resets to the end of a workflow task.
   * @param task see {@link TaskPoint}; beyond the ends, the first or the last one.
   */
  async resetToTask(task: number): Promise<void> {
    const { tasks } = this;
    const index = task < 0 ? Math.max(tasks.length + task, 0) : Math.min(task, tasks.length - 1);
    await this.resetToEvent(tasks[index]);
  }

  /**
   * Begins a new run that has this one's history up to an event, as `temporal workflow reset` does; what runs of it is
   * terminated.
   * @param eventId of {@link tasks}.
   * @param reapply which of the later signals, Updates and cancel requests the new run receives again.
   */
  async resetToEvent(eventId: number | undefined, reapply: keyof typeof REAPPLY = 'all'): Promise<void> {
    const { client, workflowId, runId } = this;
    await client.workflowService.resetWorkflowExecution({
      namespace: client.options.namespace,
      workflowExecution: { workflowId, runId },
      reason: 'a reset by a test',
      requestId: randomUUID(),
      workflowTaskFinishEventId: (eventId ?? null) as EventId | null,
      resetReapplyExcludeTypes: REAPPLY[reapply],
    });
  }
}

/** The numbers of Temporal's `ResetReapplyExcludeType`: signal, Update, Nexus, cancel request. */
const REAPPLY = { all: [], 'all but cancels': [4], nothing: [1, 2, 3, 4] };

type EventId = NonNullable<
  Parameters<Client['workflowService']['resetWorkflowExecution']>[0]['workflowTaskFinishEventId']
>;
