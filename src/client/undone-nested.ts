import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { parentOf } from '../saga/nested';
import { readCallEvents } from './call-events';
import { describeIfFound } from './describe';
import { rebuildLedger } from './rebuild-ledger';
import type { UndoneStep } from './undone';

/**
 * S17: a nested saga that had completed, was reset when its parent had completed too, and has unwound.
 * @returns the step of the parent that it is; undefined if it runs, or its parent does not rely on it.
 */
export async function undoneStepOfParent(
  client: Client,
  { workflowId, type, status, memo }: WorkflowExecutionDescription,
): Promise<UndoneStep | undefined> {
  const call = parentOf(memo);
  if (!call || status.name === 'RUNNING') return undefined;
  const parent = await describeIfFound(client, call.sagaId);
  if (parent?.status.name !== 'COMPLETED') return undefined;
  const { entries } = rebuildLedger(await readCallEvents(client, parent.workflowId, parent.runId));
  const isReliedOn = entries.some(
    ({ nested, succeeded, undone }) => nested === workflowId && succeeded && !undone,
  );
  if (!isReliedOn) return undefined;
  return { sagaId: parent.workflowId, step: call.step, participant: type };
}
