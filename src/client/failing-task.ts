import {
  type Client,
  isGrpcServiceError,
  ServiceError,
  type WorkflowExecutionDescription,
} from '@temporalio/client';
import { defineSearchAttributeKey } from '@temporalio/common';
import { describeIfFound } from './describe';
import { type ListedExecution, listExecutions } from './visibility';

/** The server's own attribute: what goes wrong with the workflow tasks of a workflow, as long as it does. */
export const ReportedProblems = defineSearchAttributeKey('TemporalReportedProblems', 'KEYWORD_LIST');

/** Running sagas whose workflow task fails again and again, and that say of themselves nothing else. */
const FAILING = `SagaStatus IS NOT NULL AND ExecutionStatus = 'Running' AND ${ReportedProblems.name} IS NOT NULL`;
/** The attempt of a workflow task from which on it is failing: one or two are lost when a worker is. */
const FAILING_ATTEMPT = 4;
/** gRPC's number for a filter that names an attribute the server does not know. */
const INVALID_ARGUMENT = 3;
const DESCRIBED_AT_ONCE = 10;

/**
 * Whether a saga is held up by a workflow task that fails again and again: a programming error, code that does not fit
 * the history, or code that is not deployed (S12).
 */
export function hasFailingTask(saga: WorkflowExecutionDescription): boolean {
  if (saga.status.name !== 'RUNNING') return false;
  const attempt = saga.raw.pendingWorkflowTask?.attempt ?? 0;
  return attempt >= FAILING_ATTEMPT || saga.typedSearchAttributes.get(ReportedProblems) !== undefined;
}

/**
 * The running sagas whose workflow task fails. A server before 1.30 has no attribute that says so; then every running saga is
 * described.
 */
export async function* listFailing(client: Client, pageSize?: number): AsyncGenerator<ListedExecution> {
  try {
    yield* listExecutions(client, FAILING, pageSize);
  } catch (error) {
    if (!isUnknownAttribute(error)) throw error;
    yield* describedAsFailing(client, pageSize);
  }
}

async function* describedAsFailing(client: Client, pageSize?: number): AsyncGenerator<ListedExecution> {
  const running = `SagaStatus IS NOT NULL AND ExecutionStatus = 'Running'`;
  const failing = async (listed: ListedExecution) => {
    const saga = await describeIfFound(client, listed.workflowId);
    return saga && hasFailingTask(saga) ? [listed] : [];
  };
  let some: ListedExecution[] = [];
  for await (const listed of listExecutions(client, running, pageSize)) {
    if (some.push(listed) < DESCRIBED_AT_ONCE) continue;
    yield* (await Promise.all(some.map(failing))).flat();
    some = [];
  }
  yield* (await Promise.all(some.map(failing))).flat();
}

/** Whether the server refused a filter that names an attribute it does not know. */
export function isUnknownAttribute(error: unknown): boolean {
  if (!(error instanceof ServiceError) || !isGrpcServiceError(error.cause)) return false;
  return Number(error.cause.code) === INVALID_ARGUMENT;
}

/** Why the workflow task of a run failed, as its history says: the first failure in a row is kept there. */
export async function readTaskFailure(client: Client, sagaId: string, runId: string): Promise<string> {
  const { history } = await client.workflowService.getWorkflowExecutionHistoryReverse({
    namespace: client.options.namespace,
    execution: { workflowId: sagaId, runId },
    maximumPageSize: 20,
  });
  for (const event of history?.events ?? []) {
    const failed = event.workflowTaskFailedEventAttributes?.failure;
    if (failed) return failed.message || 'an error without a message';
    if (event.workflowTaskTimedOutEventAttributes) return 'no worker has finished it in time';
  }
  return 'the history does not say why';
}
