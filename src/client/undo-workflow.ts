import { undoWorkflowId } from '../saga/core/ids';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { isReport, type SagaReport } from '../saga/report';
import type { RescueInput, RescueWhy } from '../saga/rescue-entry';
import { RESCUE } from '../saga/step';
import { SagaClientError } from './errors';
import { describeIfFound } from './describe';
import { readStartInput } from './start-input';

/** The workflow that undoes, or has undone, a saga: its latest run. */
export interface UndoWorkflow {
  readonly rescueId: string;
  readonly description: WorkflowExecutionDescription;
  /** The run of the saga that it undoes; absent if it was begun from elsewhere than that run's history. */
  readonly of: string | undefined;
}

/**
 * The rescue or reverse of a saga, if there is one.
 * @returns `foreign` when another workflow has its id.
 */
export async function findUndoWorkflow(
  client: Client,
  sagaId: string,
  why: RescueWhy,
): Promise<UndoWorkflow | 'foreign' | undefined> {
  const rescueId = undoWorkflowId(sagaId, why);
  const description = await describeIfFound(client, rescueId);
  if (!description) return undefined;
  const input = await readRescueInput(client, description);
  return input?.sagaId === sagaId ? { rescueId, description, of: input.runId } : 'foreign';
}

/** Which saga, and which run of it, a workflow undoes; undefined for a workflow that undoes none. */
export async function readRescueInput(
  client: Client,
  { type, workflowId, runId }: Pick<WorkflowExecutionDescription, 'type' | 'workflowId' | 'runId'>,
): Promise<Partial<Pick<RescueInput, 'sagaId' | 'runId'>> | undefined> {
  if (type !== RESCUE) return undefined;
  const [input] = await readStartInput(client, workflowId, runId);
  return (input ?? {}) as Partial<RescueInput>;
}

/** @throws SagaClientError `RESCUE_ID_TAKEN` when the id of its rescue or reverse belongs to something else. */
export async function findOwnUndoWorkflow(
  client: Client,
  sagaId: string,
  why: RescueWhy,
): Promise<UndoWorkflow | undefined> {
  const workflow = await findUndoWorkflow(client, sagaId, why);
  if (workflow !== 'foreign') return workflow;
  const rescueId = undoWorkflowId(sagaId, why);
  throw new SagaClientError(
    'RESCUE_ID_TAKEN',
    sagaId,
    `${rescueId} is a workflow that does not undo ${sagaId}, and the ${why} needs that id: undo ${sagaId} by hand, or delete that workflow`,
  );
}

/** The report of a rescue or reverse that has ended by itself. */
export async function reportOf(client: Client, workflow: UndoWorkflow): Promise<SagaReport | undefined> {
  const { description, rescueId } = workflow;
  if (description.status.name !== 'COMPLETED') return undefined;
  const report: unknown = await client.workflow.getHandle(rescueId, description.runId).result();
  return isReport(report) ? report : undefined;
}

/**
 * Whether it undoes this run of the saga. The workflow of an earlier run does not know what a reset run has done since.
 * @param runId absent when the saga's workflow is gone.
 */
export function isOfRun({ of }: Pick<UndoWorkflow, 'of'>, runId: string | undefined): boolean {
  return of === undefined || runId === undefined || of === runId;
}

export function isRunning({ description }: UndoWorkflow): boolean {
  return description.status.name === 'RUNNING' || description.status.name === 'PAUSED';
}
