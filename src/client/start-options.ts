import type { ScheduleOptionsStartWorkflowAction } from '@temporalio/client';
import { TypedSearchAttributes, type Workflow } from '@temporalio/common';
import type { SagaDefinition } from '../saga/definition';
import { detailsText, summaryLine } from '../saga/markdown';
import { type Placement, placementMemo } from '../saga/memo';
import { policyMemo } from '../saga/memo';
import { SagaStatus } from '../saga/search-attributes';
import { checkInput, checkNewSagaId, checkPriority } from './checks';

/** What the server appends to the id of a workflow that a Schedule starts, so that each firing has its own. */
const FIRED_AT = '-2006-01-02T15:04:05Z';

/**
 * What every saga is started with. Never a server-side timeout, which would kill compensations (S14).
 * @throws SagaClientError `SAGA_ID_INVALID`, `INPUT_NOT_JSON`, `INPUT_TOO_LARGE`, `PRIORITY_INVALID`
 */
function sagaOptions<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  input: Input,
  placement: Placement | undefined,
) {
  const workflowId = definition.idOf(input);
  checkNewSagaId(workflowId);
  checkInput(workflowId, input);
  const priority = definition.priority?.(input);
  if (priority !== undefined) checkPriority(workflowId, priority);
  return {
    workflowId,
    taskQueue: definition.taskQueue,
    args: [input],
    memo: { ...placementMemo(placement), ...policyMemo(definition.stuck) },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: SagaStatus, value: 'FORWARD' },
      ...(definition.attributes?.(input) ?? []),
    ]),
    ...(priority !== undefined && { priority }),
    ...(definition.summary && { staticSummary: summaryLine(definition.summary(input)) }),
    ...(definition.details && { staticDetails: detailsText(definition.details(input)) }),
  };
}

/**
 * What a client starts a saga with: an id is used once (B6).
 * @throws SagaClientError `SAGA_ID_INVALID`, `INPUT_NOT_JSON`, `INPUT_TOO_LARGE`, `PRIORITY_INVALID`
 */
export function newSagaOptions<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  input: Input,
  placement: Placement | undefined,
) {
  return {
    ...sagaOptions(definition, input, placement),
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
  };
}

/** See {@link SagaClient.scheduleAction}. */
export function scheduledSaga<Input, Result>(
  definition: SagaDefinition<Input, Result>,
  input: Input,
  placement: Placement | undefined,
): ScheduleOptionsStartWorkflowAction<Workflow> {
  const options = sagaOptions(definition, input, placement);
  checkNewSagaId(`${options.workflowId}${FIRED_AT}`);
  return { type: 'startWorkflow', workflowType: definition.workflow, ...options };
}
