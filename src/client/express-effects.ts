import type { WorkflowExecutionDescription } from '@temporalio/client';
import { recordedPlacement } from '../saga/memo';
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
  if (records.length === 0 && isExpress(saga)) {
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

/** Whether what a saga did may be in no history: its steps ran as local activities. */
export function isExpress(saga: WorkflowExecutionDescription | undefined): boolean {
  return recordedPlacement(saga?.memo) === 'express';
}

const BY_FORCE: ReadonlySet<string> = new Set(['TERMINATED', 'TIMED_OUT']);
/** The server's own default, in seconds. */
const WORKFLOW_TASK_TIMEOUT = 10;

/**
 * Whether a saga that was terminated or timed out may still act: a worker that runs its steps as local activities goes on, from
 * one step to the next, until it reports its workflow task, which has timed out by then at the latest.
 */
export function isStillActing(saga: WorkflowExecutionDescription | undefined): boolean {
  if (!saga?.closeTime || !isExpress(saga) || !BY_FORCE.has(saga.status.name)) return false;
  const timeout = saga.raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds ?? WORKFLOW_TASK_TIMEOUT;
  return Date.now() < saga.closeTime.getTime() + Number(timeout) * 1_000;
}
