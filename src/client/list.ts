import type { Client } from '@temporalio/client';
import { SagaReason, SagaStatus, SagaStuckStep } from '../saga/search-attributes';

/** A line of {@link SagaClient.list}. */
export interface ListedSaga {
  readonly sagaId: string;
  readonly runId: string;
  /** Temporal's word for how the workflow stands: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  readonly execution: string;
  readonly saga: string | undefined;
  readonly reason: string | undefined;
  readonly stuckStep: string | undefined;
  readonly startedAt: Date;
  readonly closedAt: Date | undefined;
}

/** Which sagas to list: those of a definition; and `where`, a condition in Temporal's list filter, such as `SagaStatus = 'STUCK'`. */
export interface SagaFilter {
  readonly workflow?: string;
  readonly where?: string;
}

/** Sagas, the latest started first, page by page as they are asked for. */
export async function* listSagas(temporal: Client, filter: SagaFilter): AsyncIterable<ListedSaga> {
  const conditions = [
    filter.workflow ? `WorkflowType = '${filter.workflow}'` : 'SagaStatus IS NOT NULL',
    ...(filter.where ? [`(${filter.where})`] : []),
  ];
  for await (const workflow of temporal.workflow.list({ query: conditions.join(' AND ') })) {
    const attributes = workflow.typedSearchAttributes;
    yield {
      sagaId: workflow.workflowId,
      runId: workflow.runId,
      execution: workflow.status.name,
      saga: attributes.get(SagaStatus),
      reason: attributes.get(SagaReason),
      stuckStep: attributes.get(SagaStuckStep),
      startedAt: workflow.startTime,
      closedAt: workflow.closeTime,
    };
  }
}
