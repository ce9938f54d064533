import type { Client } from '@temporalio/client';
import { SagaReason, SagaStatus, type SagaStatusValue, SagaStuckStep } from '../saga/search-attributes';
import { listFailing, readTaskFailure, ReportedProblems } from './failing-task';
import { conditionFor, type SagaState, stateOf } from './saga-state';
import { type ListedExecution, listExecutions, readPage } from './visibility';

/** A line of {@link SagaClient.list}. */
export interface ListedSaga {
  readonly sagaId: string;
  readonly runId: string;
  /** The name of its workflow function; of a rescue or reverse `rescueSaga`. */
  readonly workflow: string;
  readonly state: SagaState;
  /** The workflow's status: RUNNING, COMPLETED, FAILED, CANCELLED, TERMINATED, … */
  readonly execution: string;
  /** What the saga last said of itself. One that completes without trouble leaves it at `FORWARD`. */
  readonly saga: string | undefined;
  readonly reason: string | undefined;
  readonly stuckStep: string | undefined;
  /** Why its workflow task fails. */
  readonly problem: string | undefined;
  readonly startedAt: Date;
  readonly closedAt: Date | undefined;
}

/**
 * Which sagas to list: those of a definition; those in a state; and `where`, a condition in Temporal's list filter, such
 * as `SagaReason = 'CARD_DECLINED'`.
 */
export interface SagaFilter {
  readonly workflow?: string;
  readonly state?: SagaState;
  readonly where?: string;
}

/** Sagas, the latest started first, page by page as they are asked for. One that has continued as new is listed once. */
export async function* listSagas(temporal: Client, filter: SagaFilter): AsyncIterable<ListedSaga> {
  for await (const execution of listExecutions(temporal, queryOf(filter))) {
    const saga = listed(execution);
    if (isIn(saga, filter)) yield saga;
  }
}

/** Some sagas of a list. */
export interface SagaPage {
  /** At most as many as were asked for; there may be more although these are fewer. */
  readonly sagas: readonly ListedSaga[];
  /** For the next page: absent on the last one. */
  readonly cursor?: string;
}

/** One page of {@link listSagas}. */
export async function pageOfSagas(
  temporal: Client,
  filter: SagaFilter,
  { size = 50, cursor }: { readonly size?: number; readonly cursor?: string | undefined },
): Promise<SagaPage> {
  const token = cursor === undefined ? undefined : Buffer.from(cursor, 'base64url');
  const { executions, next } = await readPage(temporal, queryOf(filter), { size, ...(token && { token }) });
  const sagas = executions.map(listed).filter((saga) => isIn(saga, filter));
  return { sagas, ...(next && { cursor: Buffer.from(next).toString('base64url') }) };
}

function queryOf(filter: SagaFilter): string {
  const { state } = filter;
  return [...conditionsOf(filter), ...(state ? [`(${conditionFor(state)})`] : [])].join(' AND ');
}

/** Some conditions of visibility find more than those that are in a state. */
function isIn(saga: ListedSaga, { state }: SagaFilter): boolean {
  return state === undefined || saga.state === state;
}

/** What a filter asks for besides a state. */
export function conditionsOf({ workflow, where }: SagaFilter): string[] {
  return [
    workflow ? `WorkflowType = '${workflow}'` : 'SagaStatus IS NOT NULL',
    `ExecutionStatus != 'ContinuedAsNew'`,
    ...(where ? [`(${where})`] : []),
  ];
}

/** The sagas that go on only when a person does something: at their desk, or, where the task fails, to their code. */
export async function* listStuck(temporal: Client): AsyncIterable<ListedSaga> {
  const failing = new Set<string>();
  for await (const execution of listFailing(temporal)) {
    failing.add(execution.workflowId);
    const { workflowId, runId } = execution;
    yield {
      ...listed(execution),
      state: 'task-failing',
      problem: await readTaskFailure(temporal, workflowId, runId),
    };
  }
  for await (const saga of listSagas(temporal, { state: 'stuck' })) if (!failing.has(saga.sagaId)) yield saga;
}

/** A workflow as a line of a list. */
export function listed(execution: ListedExecution): ListedSaga {
  const attributes = execution.typedSearchAttributes;
  const saga = attributes.get(SagaStatus);
  const problems = attributes.get(ReportedProblems);
  return {
    sagaId: execution.workflowId,
    runId: execution.runId,
    workflow: execution.type,
    state: stateOf(execution.status.name, saga as SagaStatusValue | undefined, problems !== undefined),
    execution: execution.status.name,
    saga,
    reason: attributes.get(SagaReason),
    stuckStep: attributes.get(SagaStuckStep),
    problem: problems?.join(', '),
    startedAt: execution.startTime,
    closedAt: execution.closeTime,
  };
}
