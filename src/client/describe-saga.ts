import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { addAttempts, type LiveReport } from './attempts';
import { SagaClientError } from './errors';
import { hasFailingTask, readTaskFailure } from './failing-task';
import { type ListedSaga, listed } from './list';

/** A saga by its id: what a list shows of it, and its report. */
export interface DescribedSaga extends ListedSaga {
  /** Absent when no worker answered. */
  readonly report: LiveReport | undefined;
  /** Why there is no report. */
  readonly unreported: string | undefined;
  /** The activities and nested sagas that the server holds for it now, also while no worker answers. */
  readonly pending: readonly PendingOperation[];
}

/** An activity or a nested saga that a saga waits for, as the server knows it. */
export interface PendingOperation {
  /** The type of the activity, or of the nested saga's workflow. */
  readonly type: string;
  /** The nested saga's id. */
  readonly sagaId?: string;
  /** The attempt that runs or comes next, from 1 on. */
  readonly attempt?: number;
  /** Why the attempt before it failed. */
  readonly lastFailure?: string;
}

/** @param ask gets the report from a worker of the saga. @throws SagaClientError other than `NO_ANSWER` */
export async function describeSaga(
  temporal: Client,
  description: WorkflowExecutionDescription,
  ask: () => Promise<LiveReport>,
): Promise<DescribedSaga> {
  const { workflowId, runId, raw } = description;
  const saga = listed(description);
  const failing = hasFailingTask(description);
  const problem = failing ? await readTaskFailure(temporal, workflowId, runId) : undefined;
  const common = {
    ...saga,
    ...(failing && { state: 'task-failing' as const, problem }),
    pending: pendingOf(raw),
  };
  try {
    const report = addAttempts(await ask(), raw.pendingActivities ?? [], Date.now());
    return { ...common, report, unreported: undefined };
  } catch (error) {
    if (!(error instanceof SagaClientError && error.code === 'NO_ANSWER')) throw error;
    return { ...common, report: undefined, unreported: error.message };
  }
}

function pendingOf({ pendingActivities, pendingChildren }: WorkflowExecutionDescription['raw']) {
  const activities = (pendingActivities ?? []).map(({ activityType, attempt, lastFailure }) => ({
    type: activityType?.name ?? '',
    ...(attempt && { attempt }),
    ...(lastFailure?.message && { lastFailure: lastFailure.message }),
  }));
  const nested = (pendingChildren ?? []).map(({ workflowTypeName, workflowId }) => ({
    type: workflowTypeName ?? '',
    ...(workflowId && { sagaId: workflowId }),
  }));
  return [...activities, ...nested];
}
