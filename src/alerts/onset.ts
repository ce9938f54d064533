import type { Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { Cause } from './cause';

/** When a problem began, and what the history says about it. */
export interface Onset {
  /** ISO 8601. */
  readonly since: string;
  readonly message?: string;
}

type Page = Awaited<ReturnType<Client['workflowService']['getWorkflowExecutionHistoryReverse']>>;
type HistoryEvent = NonNullable<NonNullable<Page['history']>['events']>[number];

/** Pages of a hundred events, from the end: an operation that has been stuck for weeks has added a few hundred. */
const PAGE_SIZE = 100;
const MAX_PAGES = 20;

/**
 * When a problem began by the history of the saga: every watcher reads the same there, whether or not a worker answers.
 * Falls back to the start of the run.
 */
export async function readOnset(temporal: Client, cause: Cause): Promise<Onset> {
  let nextPageToken: Uint8Array | undefined;
  let last: HistoryEvent | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const read: Page = await temporal.workflowService.getWorkflowExecutionHistoryReverse({
      namespace: temporal.options.namespace,
      execution: { workflowId: cause.sagaId, runId: cause.runId },
      maximumPageSize: PAGE_SIZE,
      ...(nextPageToken && { nextPageToken }),
    });
    for (const event of read.history?.events ?? []) {
      last = event;
      const message = beginningOf(cause, event);
      if (message !== undefined) return { since: timeOf(event), ...(message && { message }) };
    }
    nextPageToken = read.nextPageToken;
    if (!nextPageToken?.length) break;
  }
  return { since: last ? timeOf(last) : new Date(0).toISOString() };
}

/** @returns undefined if the problem did not begin with this event; what the event says about it, or nothing. */
function beginningOf({ kind }: Cause, event: HistoryEvent): string | undefined {
  if (kind === 'task-failing') {
    const failed = event.workflowTaskFailedEventAttributes?.failure;
    if (failed) return failed.message ?? '';
    return event.workflowTaskTimedOutEventAttributes ? 'no worker has finished it in time' : undefined;
  }
  // The engine writes an attribute only when it changes.
  const attribute = kind === 'deadline-passed' ? 'SagaReason' : 'SagaStuckStep';
  const fields = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes?.indexedFields;
  return fields && Object.hasOwn(fields, attribute) ? '' : undefined;
}

function timeOf({ eventTime }: HistoryEvent): string {
  return new Date(optionalTsToMs(eventTime) ?? 0).toISOString();
}
