import type { Client, WorkflowHandle } from '@temporalio/client';
import { optionalTsToMs, requiredTsToMs } from '@temporalio/common/lib/time';
import type { StepCall } from '../saga/call';
import { rescueEntry } from '../saga/rescue-entry';
import type { CarriedSaga } from '../saga/continue-as-new';
import { restoreEntry } from '../saga/core/carried';
import { nestedSagaId } from '../saga/core/ids';
import { ReceivedParts, STACK_PART } from '../saga/stack-parts';
import type { CallEvent } from './rebuild-ledger';
import { NESTED_IN } from '../saga/nested';
import { decodePayloads } from './payloads';
import { CARRIED } from '../saga/watch-workflow';

type HistoryEvent = NonNullable<Awaited<ReturnType<WorkflowHandle['fetchHistory']>>['events']>[number];

/**
 * Reads from a run's history what it tells of calls to participants, page by page. Activities that are no calls of
 * this saga's steps are left out. @throws WorkflowNotFoundError
 */
export async function readCallEvents(client: Client, sagaId: string, runId: string): Promise<CallEvent[]> {
  const found: CallEvent[] = [];
  for await (const event of historyOf(client, sagaId, runId)) {
    found.push(...(await carriedOver(client, sagaId, event)));
    const read =
      (await scheduled(client, sagaId, event)) ??
      (await closed(client, event)) ??
      (await nestedStarted(client, sagaId, event)) ??
      (await nestedClosed(client, event)) ??
      (await stackPart(client, event)) ??
      otherRun(event);
    if (read) found.push(read);
  }
  return found;
}

/** What the run before carried over (S20). */
async function carriedOver(client: Client, sagaId: string, event: HistoryEvent): Promise<CallEvent[]> {
  const started = event.workflowExecutionStartedEventAttributes;
  if (!started?.continuedExecutionRunId) return [];
  const last = (await decodePayloads(client, started.input?.payloads)).at(-1);
  const { state } = (last as { readonly [CARRIED]?: Partial<CarriedSaga> } | undefined)?.[CARRIED] ?? {};
  if (!state) return [];
  const { entries, steps } = state.ledger;
  return entries.map((carried) => {
    const entry = rescueEntry(restoreEntry(carried, steps));
    return { type: 'carried', entry, ...(entry.nested && { nested: nestedSagaId(sagaId, entry.step) }) };
  });
}

/** The parts of compensation stacks that a run has received. @throws WorkflowNotFoundError */
export async function readReceivedParts(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<ReceivedParts> {
  const received = new ReceivedParts();
  for await (const event of historyOf(client, workflowId, runId))
    received.add((await stackPart(client, event))?.part);
  return received;
}

/** A gRPC client takes 4 MiB in one message, and a page is bounded by its number of events only. */
const MAX_PAGE_BYTES = 3_000_000;

async function* historyOf(client: Client, workflowId: string, runId: string): AsyncGenerator<HistoryEvent> {
  const { historySize = 0 } = await client.workflow.getHandle(workflowId, runId).describe();
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await client.workflowService.getWorkflowExecutionHistory({
      namespace: client.options.namespace,
      execution: { workflowId, runId },
      ...(historySize > MAX_PAGE_BYTES && { maximumPageSize: 1 }),
      ...(nextPageToken && { nextPageToken }),
    });
    yield* page.history?.events ?? [];
    nextPageToken = page.nextPageToken;
  } while (nextPageToken?.length);
}

async function stackPart(
  client: Client,
  event: HistoryEvent,
): Promise<(CallEvent & { type: 'part' }) | undefined> {
  const attributes = event.workflowExecutionSignaledEventAttributes;
  if (attributes?.signalName !== STACK_PART) return undefined;
  const [part] = await decodePayloads(client, attributes.input?.payloads);
  return { type: 'part', part };
}

/** Another run of the saga, or a run of a nested one, that the history names. */
function otherRun(event: HistoryEvent): CallEvent | undefined {
  const nested = event.childWorkflowExecutionStartedEventAttributes?.workflowExecution;
  if (nested?.workflowId && nested.runId)
    return { type: 'nested-run', nested: nested.workflowId, runId: nested.runId };
  const base = event.workflowTaskFailedEventAttributes?.baseRunId;
  if (base) return { type: 'other-run', is: 'base', runId: base };
  const continuation = event.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  return continuation ? { type: 'other-run', is: 'continuation', runId: continuation } : undefined;
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
    name: attributes.activityType?.name ?? '',
    startToCloseMs: optionalTsToMs(attributes.startToCloseTimeout) ?? 0,
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
async function nestedStarted(
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
    name: attributes.workflowType?.name ?? '',
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
  return { eventId: Number(event.eventId), at: requiredTsToMs(event.eventTime, 'eventTime') };
}
