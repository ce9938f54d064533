import { asyncLocalStorage } from '@temporalio/activity';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { describeIfFound } from './describe';
import { isExpress } from '../saga/memo';
import { LONGEST_LOCAL_MS } from '../saga/step';
import { askAgain, SagaClientError } from './errors';
import { type ParticipantRecord, remainingOf, type SagaRecords } from './records';

/**
 * The effects of a saga that remain, when its runs have ended and nobody can add any.
 * @param runs of it that are there.
 * @throws SagaClientError of an express saga: `RECORDS_NEEDED`; `SAGA_RUNNING` while a worker may still run steps of it.
 */
export async function readEffects(
  client: Client,
  sagaId: string,
  runs: readonly WorkflowExecutionDescription[],
  records: readonly SagaRecords[],
): Promise<readonly ParticipantRecord[]> {
  if (records.length === 0 && runs.some(({ memo }) => isExpress(memo))) {
    throw new SagaClientError(
      'RECORDS_NEEDED',
      sagaId,
      `${sagaId} ran its steps as local activities: only the participants' records tell what remains of it`,
    );
  }
  const waitMs = Math.max(...runs.map(actsUntil)) - now();
  if (waitMs > 0) {
    const what = `${sagaId} has only just been ended, and a worker may still be at its local activities`;
    throw askAgain(sagaId, what, waitMs);
  }
  return await remainingOf(client, records, sagaId);
}

/** The server's own default. */
const WORKFLOW_TASK_TIMEOUT_MS = 10_000;

/**
 * Until when a saga that was terminated or timed out may act, in epoch milliseconds; 0 for one that does not. A worker that runs its steps as local activities
 * goes on, from one step to the next, until it reports its workflow task, which has timed out by then at the latest. A local
 * activity that it has begun by then may take its time. Any other activity is in the history.
 */
export function actsUntil(run: WorkflowExecutionDescription): number {
  const endedAt = terminatedAt(run);
  if (endedAt === undefined || !isExpress(run.memo)) return 0;
  const taskMs = optionalTsToMs(run.raw.executionConfig?.defaultWorkflowTaskTimeout);
  return endedAt + (taskMs ?? WORKFLOW_TASK_TIMEOUT_MS) + LONGEST_LOCAL_MS;
}

const BY_FORCE: ReadonlySet<string> = new Set(['TERMINATED', 'TIMED_OUT']);

/** How long ago a run was terminated or timed out; nothing for one that runs, or has ended by itself. */
export function terminatedMsAgo(run: WorkflowExecutionDescription): number | undefined {
  const at = terminatedAt(run);
  return at && now() - at;
}

function terminatedAt({ closeTime, status }: WorkflowExecutionDescription): number | undefined {
  return BY_FORCE.has(status.name) ? closeTime?.getTime() : undefined;
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
export function now(): number {
  return asyncLocalStorage.getStore()?.info.currentAttemptScheduledTimestampMs ?? Date.now();
}
