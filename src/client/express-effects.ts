import { asyncLocalStorage } from '@temporalio/activity';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { describeIfFound } from './describe';
import { isExpress } from '../saga/memo';
import { SagaClientError } from './errors';
import type { SagaRecords } from './records';

/**
 * Refuses to undo an express saga while what it did cannot be known.
 * @throws SagaClientError `RECORDS_NEEDED`; `SAGA_RUNNING` while a worker may still run steps of it.
 */
export function requireReadableEffects(
  saga: WorkflowExecutionDescription | undefined,
  sagaId: string,
  records: readonly SagaRecords[],
): void {
  if (records.length === 0 && isExpress(saga?.memo)) {
    throw new SagaClientError(
      'RECORDS_NEEDED',
      sagaId,
      `${sagaId} ran its steps as local activities: only the participants' records tell what remains of it`,
    );
  }
  if (isStillActing(saga)) {
    throw new SagaClientError(
      'SAGA_RUNNING',
      sagaId,
      `${sagaId} has only just been ended, and a worker may still be at its local activities: ask again in ten seconds`,
    );
  }
}

const BY_FORCE: ReadonlySet<string> = new Set(['TERMINATED', 'TIMED_OUT']);
/** The server's own default. */
const WORKFLOW_TASK_TIMEOUT_MS = 10_000;

/**
 * Whether a saga that was terminated or timed out may still act: a worker that runs its steps as local activities goes on, from
 * one step to the next, until it reports its workflow task, which has timed out by then at the latest.
 */
export function isStillActing(saga: WorkflowExecutionDescription | undefined): boolean {
  const ago = terminatedMsAgo(saga);
  if (ago === undefined || !isExpress(saga?.memo)) return false;
  const timeout = optionalTsToMs(saga?.raw.executionConfig?.defaultWorkflowTaskTimeout);
  return ago < (timeout ?? WORKFLOW_TASK_TIMEOUT_MS);
}

/** How long ago a run was terminated or timed out; nothing for one that runs, or has ended by itself. */
export function terminatedMsAgo(saga: WorkflowExecutionDescription | undefined): number | undefined {
  if (!saga?.closeTime || !BY_FORCE.has(saga.status.name)) return undefined;
  return now() - saga.closeTime.getTime();
}

/** How long ago a run ended; nothing for one that runs, or is gone. */
export async function closedMsAgo(
  client: Client,
  workflowId: string,
  runId: string | undefined,
): Promise<number | undefined> {
  const { closeTime } = (await describeIfFound(client, workflowId, runId)) ?? {};
  return closeTime && now() - closeTime.getTime();
}

/** In epoch milliseconds; in an activity by the server's clock, which is that of the close time too. */
function now(): number {
  return asyncLocalStorage.getStore()?.info.currentAttemptScheduledTimestampMs ?? Date.now();
}
