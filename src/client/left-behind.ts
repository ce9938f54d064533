import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { recordedPlacement } from '../saga/placement';
import { NESTED_IN } from '../saga/nested';
import type { StepCall } from '../saga/call';
import { recordedPolicy } from '../saga/recorded-policy';
import { readCallEvents } from './call-events';
import { SagaClientError } from './errors';
import { ledgerOf, type RebuiltLedger } from './ledger-of';
import { withNestedSagas } from './nested-sagas';
import { readStanding, type SagaRecords, type Standing } from './records';
import { withRecords } from './with-records';

/** How the latest run of a workflow stands; undefined when it was deleted, is past retention, or was never there. */
export async function describeIfThere(
  client: Client,
  workflowId: string,
): Promise<WorkflowExecutionDescription | undefined> {
  try {
    return await client.workflow.getHandle(workflowId).describe();
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  }
}

/**
 * What a saga did, from its history and from what the participants' records know besides. What forbids undoing a nested
 * saga is in its entry.
 * @param runId absent when its workflow is gone: then the records are all there is.
 * @param records tell what stands of its nested sagas.
 */
export async function readLedger(
  client: Client,
  sagaId: string,
  runId: string | undefined,
  standing: readonly Standing[],
  records: readonly SagaRecords[],
): Promise<RebuiltLedger> {
  const events = runId === undefined ? [] : await readCallEvents(client, sagaId, runId);
  const nested = async (id: string) => {
    const saga = await describeIfThere(client, id);
    refuseUntold(saga, id, records);
    const ofNested = (await readStanding(client, records, [id])).get(id) ?? [];
    const ledger = await readLedger(client, id, saga?.runId, ofNested, records);
    const policy = recordedPolicy(saga?.memo);
    return { ledger, ...(policy && { policy }) };
  };
  const own = await withoutForeign(client, sagaId, ledgerOf(events));
  return withRecords(await withNestedSagas(client, own, nested), standing);
}

/** A step that was to be a saga, and whose id belongs to a workflow of someone else, never happened (S10). */
async function withoutForeign(client: Client, sagaId: string, ledger: RebuiltLedger): Promise<RebuiltLedger> {
  const entries = await Promise.all(
    ledger.entries.map(async (entry) => {
      if (entry.nested === undefined || entry.succeeded || entry.undone) return entry;
      const there = await describeIfThere(client, entry.nested);
      const call = there?.memo?.[NESTED_IN] as Partial<StepCall> | undefined;
      return there && call?.sagaId !== sagaId ? { ...entry, undone: true } : entry;
    }),
  );
  return { ...ledger, entries };
}

/**
 * Refuses to undo an express saga while what it did cannot be known.
 * @throws SagaClientError `RECORDS_NEEDED`; `SAGA_RUNNING` while a worker may still run steps of it.
 */
export function refuseUntold(
  saga: WorkflowExecutionDescription | undefined,
  sagaId: string,
  records: readonly SagaRecords[],
): void {
  if (records.length === 0 && isUntold(saga)) {
    throw new SagaClientError(
      'RECORDS_NEEDED',
      sagaId,
      `${sagaId} ran its steps as local activities: only the participants' records tell what stands of it`,
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
export function isUntold(saga: WorkflowExecutionDescription | undefined): boolean {
  return recordedPlacement(saga?.memo) === 'express';
}

const BY_FORCE: ReadonlySet<string> = new Set(['TERMINATED', 'TIMED_OUT']);
/** The server's own default, in seconds. */
const WORKFLOW_TASK_TIMEOUT = 10;

/**
 * Whether a saga that was ended by force may still act: a worker that runs its steps as local activities goes on, from
 * one step to the next, until it reports its workflow task, which has timed out by then at the latest.
 */
export function isStillActing(saga: WorkflowExecutionDescription | undefined): boolean {
  if (!saga?.closeTime || !isUntold(saga) || !BY_FORCE.has(saga.status.name)) return false;
  const timeout = saga.raw.executionConfig?.defaultWorkflowTaskTimeout?.seconds ?? WORKFLOW_TASK_TIMEOUT;
  return Date.now() < saga.closeTime.getTime() + Number(timeout) * 1_000;
}

/** What a rescue has to undo, if it stands: the steps that an unwinding undoes, and those of unknown kind. */
export function isUndoable({ kind }: Standing): boolean {
  return kind === undefined || kind === 'compensatable' || kind === 'pivot';
}
