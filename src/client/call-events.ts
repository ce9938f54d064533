import type { Client, WorkflowHandle } from '@temporalio/client';
import type { StepCall } from '../saga/call';
import type { CallEvent } from './ledger-of';
import { NESTED_IN } from '../saga/nested';
import { decodePayloads } from './payloads';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/**
 * Reads from a run's history what it tells of calls to participants, page by page. Activities that are no calls of
 * this saga's steps are left out. @throws WorkflowNotFoundError
 */
export async function readCallEvents(client: Client, sagaId: string, runId: string): Promise<CallEvent[]> {
  const found: CallEvent[] = [];
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId: sagaId, runId },
      ...(nextPageToken && { nextPageToken }),
    });
    for (const event of page.history?.events ?? []) {
      const read =
        (await scheduled(client, sagaId, event)) ??
        (await closed(client, event)) ??
        (await nestedBegun(client, sagaId, event)) ??
        (await nestedClosed(client, event));
      if (read) found.push(read);
    }
    nextPageToken = page.nextPageToken;
  } while (nextPageToken?.length);
  return found;
}

async function scheduled(
  client: Client,
  sagaId: string,
  event: HistoryEvent,
): Promise<CallEvent | undefined> {
  const attributes = event.activityTaskScheduledEventAttributes;
  if (!attributes) return undefined;
  const [input, call] = await decodePayloads(client, attributes.input?.payloads);
  if (!isCallOf(sagaId, call)) return undefined;
  const shown = event.userMetadata?.summary;
  const [summary] = await decodePayloads(client, shown && [shown]);
  return {
    type: 'scheduled',
    ...positionOf(event),
    taskQueue: attributes.taskQueue?.name ?? '',
    startToCloseMs: millisOf(attributes.startToCloseTimeout),
    ...(typeof summary === 'string' && { summary }),
    input,
    call,
  };
}

async function closed(client: Client, event: HistoryEvent): Promise<CallEvent | undefined> {
  const completed = event.activityTaskCompletedEventAttributes;
  const attributes =
    completed ??
    event.activityTaskFailedEventAttributes ??
    event.activityTaskTimedOutEventAttributes ??
    event.activityTaskCanceledEventAttributes;
  if (!attributes) return undefined;
  return {
    type: 'closed',
    ...positionOf(event),
    scheduledId: Number(attributes.scheduledEventId),
    succeeded: Boolean(completed),
    ...(completed && { output: (await decodePayloads(client, completed.result?.payloads))[0] }),
  };
}

/** S10: the start of a saga that is a step, or of its reverse. */
async function nestedBegun(
  client: Client,
  sagaId: string,
  event: HistoryEvent,
): Promise<CallEvent | undefined> {
  const attributes = event.startChildWorkflowExecutionInitiatedEventAttributes;
  const memo = attributes?.memo?.fields?.[NESTED_IN];
  if (!attributes || !memo) return undefined;
  const [call] = await decodePayloads(client, [memo]);
  if (!isCallOf(sagaId, call)) return undefined;
  const [input] = await decodePayloads(client, attributes.input?.payloads);
  return {
    type: 'scheduled',
    ...positionOf(event),
    taskQueue: attributes.taskQueue?.name ?? '',
    startToCloseMs: 0,
    input,
    call,
    nested: attributes.workflowId ?? '',
  };
}

async function nestedClosed(client: Client, event: HistoryEvent): Promise<CallEvent | undefined> {
  const completed = event.childWorkflowExecutionCompletedEventAttributes;
  const attributes =
    completed ??
    event.childWorkflowExecutionFailedEventAttributes ??
    event.childWorkflowExecutionCanceledEventAttributes ??
    event.childWorkflowExecutionTerminatedEventAttributes ??
    event.childWorkflowExecutionTimedOutEventAttributes ??
    event.startChildWorkflowExecutionFailedEventAttributes;
  if (!attributes) return undefined;
  return {
    type: 'closed',
    ...positionOf(event),
    scheduledId: Number(attributes.initiatedEventId),
    succeeded: Boolean(completed),
    ...(completed && { output: (await decodePayloads(client, completed.result?.payloads))[0] }),
  };
}

function isCallOf(sagaId: string, value: unknown): value is StepCall {
  const call = (value ?? {}) as Partial<StepCall>;
  return call.sagaId === sagaId && typeof call.step === 'string' && (call.op === 'do' || call.op === 'undo');
}

function positionOf(event: HistoryEvent): { readonly eventId: number; readonly at: number } {
  return { eventId: Number(event.eventId), at: millisOf(event.eventTime) };
}

interface Seconds {
  /** A 64-bit integer of the wire format. */
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

function millisOf(value: Seconds | null | undefined): number {
  return Number(value?.seconds ?? 0) * 1_000 + Math.floor((value?.nanos ?? 0) / 1e6);
}
