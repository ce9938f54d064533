import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';

/** A run of a workflow that can be reset to the end of each of its workflow tasks, as the CLI and the Web UI do. */
export class Resettable {
  private constructor(
    private readonly client: Client,
    private readonly workflowId: string,
    private readonly runId: string,
    /** The events at which its workflow tasks were completed. */
    readonly tasks: readonly number[],
  ) {}

  /** @param workflowId its latest run is taken. */
  static async of(client: Client, workflowId: string): Promise<Resettable> {
    const { runId } = await client.workflow.getHandle(workflowId).describe();
    const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const tasks = (events ?? [])
      .filter((event) => event.workflowTaskCompletedEventAttributes)
      .map(({ eventId }) => Number(eventId));
    return new Resettable(client, workflowId, runId, tasks);
  }

  /** Begins a new run that has this one's history up to there; what runs of it is terminated. */
  async resetTo(task: number | undefined, without: 'what came since' | 'nothing' = 'nothing'): Promise<void> {
    await this.client.workflowService.resetWorkflowExecution({
      namespace: this.client.options.namespace,
      workflowExecution: { workflowId: this.workflowId, runId: this.runId },
      reason: 'the test',
      requestId: randomUUID(),
      // RESET_REAPPLY_TYPE_NONE
      ...(without === 'what came since' && { resetReapplyType: 2 }),
      ...(task !== undefined && { workflowTaskFinishEventId: task as unknown as Long }),
    });
  }
}

type Long = NonNullable<
  Parameters<Client['workflowService']['resetWorkflowExecution']>[0]['workflowTaskFinishEventId']
>;
