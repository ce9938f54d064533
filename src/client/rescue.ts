import { undoWorkflowId } from '../saga/core/ids';
import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { TypedSearchAttributes, type WorkflowIdReusePolicy } from '@temporalio/common';
import { summaryLine } from '../saga/markdown';
import { recordedPolicy } from '../saga/memo';
import { setPriority } from '../saga/priority';
import type { rescueSaga } from '../saga/rescue';
import type { RescueWhy } from '../saga/rescue-entry';
import { SagaStatus } from '../saga/search-attributes';
import { entriesToUndo, requireUndoableOutcome } from './entries-to-undo';
import { SagaClientError } from './errors';
import { describeIfFound } from './describe';
import { readEffects } from './effects';
import { readLedger } from './read-ledger';
import { readOutcome } from './outcome';
import { isUndoable, type ParticipantRecord, type SagaRecords } from './records';
import { deliver, planDelivery } from './stack-delivery';
import { findOwnUndoWorkflow, isOfRun, isRunning, reportOf } from './undo-workflow';

/** A rescue or reverse of a saga, started now or earlier. */
export interface StartedRescue {
  readonly sagaId: string;
  /** The workflow that undoes it: a saga of its own to wait for, to list and to ask for its report. */
  readonly rescueId: string;
  /** `false` when the same had been started before and runs, or has undone everything. */
  readonly started: boolean;
}

/** What a rescue may know besides a saga's history. */
export interface RescueSources {
  /** The participants' own records. @default none */
  readonly records?: readonly SagaRecords[];
  /** The task queue on which a saga is rescued whose workflow is gone: that of an orchestrator. */
  readonly rescueQueue?: string;
}

/**
 * Starts the workflow that undoes a saga which has ended, from its history and from the records. Nothing is started
 * twice while it runs or after it succeeded; one that was itself terminated or timed out is started again, and so is one
 * after which the records hold an effect that it did not know of.
 * @throws SagaClientError see {@link SagaClient.rescue} and {@link SagaClient.reverse}.
 * @throws WorkflowNotFoundError
 */
export async function startRescue(
  client: Client,
  sagaId: string,
  why: RescueWhy,
  { records = [], rescueQueue }: RescueSources,
): Promise<StartedRescue> {
  const saga = await describeIfFound(client, sagaId);
  if (saga || records.length === 0) requireUndoableOutcome(await readOutcome(client, sagaId), sagaId, why);
  // Read after the saga is known to have ended: a running one could do more.
  const remaining = await readEffects(client, sagaId, saga ? [saga] : [], records);
  const taskQueue = saga?.taskQueue ?? rescueQueue;
  if (taskQueue === undefined || (!saga && remaining.length === 0)) throw sagaNotFound(sagaId, remaining);
  const ledger = await readLedger(client, sagaId, saga?.runId, remaining, records);
  const policy = recordedPolicy(saga?.memo);
  const priority = setPriority(saga?.priority);
  const { input, parts } = planDelivery({
    sagaId,
    ...(saga && { runId: saga.runId }),
    why,
    entries: entriesToUndo(ledger, sagaId, why),
    ...(policy && { policy }),
  });
  const rescueId = undoWorkflowId(sagaId, why);
  await findOwnUndoWorkflow(client, sagaId, why);
  const start = async (workflowIdReusePolicy: WorkflowIdReusePolicy): Promise<boolean> => {
    try {
      await client.workflow.start<typeof rescueSaga>('rescueSaga', {
        workflowId: rescueId,
        taskQueue,
        args: [input],
        workflowIdReusePolicy,
        workflowIdConflictPolicy: 'FAIL',
        typedSearchAttributes: new TypedSearchAttributes([{ key: SagaStatus, value: 'UNWINDING' }]),
        ...(priority && { priority }),
        staticSummary: summaryLine(`${why} of ${sagaId}`),
      });
      return true;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      return false;
    }
  };
  const started =
    (await start('ALLOW_DUPLICATE_FAILED_ONLY')) ||
    ((await hasMissedEffects(client, sagaId, why, saga?.runId, remaining)) &&
      (await start('ALLOW_DUPLICATE')));
  if (!started) await requireOfRun(client, sagaId, why, saga?.runId);
  await deliver(client, rescueId, parts);
  return { sagaId, rescueId, started };
}

/** @throws SagaClientError `RESCUE_OF_EARLIER_RUN` when what runs does not know what this run of the saga did. */
async function requireOfRun(
  client: Client,
  sagaId: string,
  why: RescueWhy,
  runId: string | undefined,
): Promise<void> {
  const workflow = await findOwnUndoWorkflow(client, sagaId, why);
  if (!workflow || !isRunning(workflow) || isOfRun(workflow, runId)) return;
  const { rescueId } = workflow;
  const message = `${rescueId} still undoes an earlier run of ${sagaId}: repeat the ${why} when it has ended`;
  throw new SagaClientError('RESCUE_OF_EARLIER_RUN', sagaId, message);
}

/**
 * Whether a rescue has ended without knowing of something that may stand: what another run of the saga has done since, or
 * an action that came after it was started.
 */
async function hasMissedEffects(
  client: Client,
  sagaId: string,
  why: RescueWhy,
  runId: string | undefined,
  remaining: readonly ParticipantRecord[],
): Promise<boolean> {
  const workflow = await findOwnUndoWorkflow(client, sagaId, why);
  const report = workflow && (await reportOf(client, workflow));
  if (report && !isOfRun(workflow, runId)) return true;
  const toUndo = remaining.filter(isUndoable);
  return report !== undefined && toUndo.some(({ step }) => !report.steps.some(({ name }) => name === step));
}

function sagaNotFound(sagaId: string, remaining: readonly ParticipantRecord[]): SagaClientError {
  const message =
    remaining.length === 0
      ? `there is no saga ${sagaId} in this namespace, and nothing of it remains by the records`
      : `the workflow of ${sagaId} is gone: name the task queue of an orchestrator (rescueQueue) to rescue it from the records`;
  return new SagaClientError('SAGA_NOT_FOUND', sagaId, message);
}
