import { type Client, isGrpcServiceError, ServiceError } from '@temporalio/client';
import { ResettableRun } from '../../src/testing/reset';

/** Of the sagas that were started last, which are likely to run. */
const RECENT = 12;

/**
 * Resets a saga to one of the workflow tasks of its latest run: half of the time one of the newest, which probably runs, else
 * any, which has probably ended.
 * @param choice a number that chooses the saga and the task.
 * @returns whether it was reset: not where there is none, or the server is down.
 */
export async function resetOneOf(
  sagaIds: readonly string[],
  client: Client,
  choice: number,
): Promise<boolean> {
  const among = choice % 2 === 0 ? sagaIds.slice(-RECENT) : sagaIds;
  const sagaId = among[Math.floor(choice / 2) % among.length];
  if (sagaId === undefined) return false;
  try {
    const run = await ResettableRun.of(client, sagaId);
    const task = run.tasks[Math.floor(choice / 1_000) % run.tasks.length];
    if (task === undefined) return false;
    await run.resetToEvent(task);
    return true;
  } catch (error) {
    if (!(error instanceof ServiceError) && !isGrpcServiceError(error)) throw error;
    return false;
  }
}
