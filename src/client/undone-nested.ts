import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { parentOf } from '../saga/nested';
import { readCallEvents } from './call-events';
import { describeIfFound } from './describe';
import type { CallEvent } from './rebuild-ledger';
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
  const events = await readCallEvents(client, parent.workflowId, parent.runId);
  if (!hasCompleted(events, workflowId)) return undefined;
  return { sagaId: parent.workflowId, step: call.step, participant: type };
}

/** Whether a nested saga had completed by the history of its parent. */
function hasCompleted(events: readonly CallEvent[], nested: string): boolean {
  const started = events.flatMap((event) =>
    event.type === 'scheduled' && event.nested === nested ? [event.eventId] : [],
  );
  return events.some(
    (event) => event.type === 'closed' && event.succeeded && started.includes(event.scheduledId),
  );
}
