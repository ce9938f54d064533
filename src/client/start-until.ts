import {
  type Client,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import type { SagaDefinition } from '../saga/definition';
import type { Placement } from '../saga/memo';
import { awaitMilestone, type MilestoneAnswer } from '../saga/milestone';
import { awaitAnswer, hasEndedBeforeAnswer } from './await-answer';
import { SagaClientError } from './errors';
import { requireStartedWith } from './start-input';
import { newSagaOptions } from './start-options';

/** See {@link SagaClient.startUntil}. */
export async function startUntil<Input, Result>(
  temporal: Client,
  definition: SagaDefinition<Input, Result>,
  input: Input,
  { milestone, placement, within }: { milestone: string; placement: Placement | undefined; within: number },
): Promise<MilestoneAnswer> {
  const options = newSagaOptions(definition, input, placement);
  const sagaId = options.workflowId;
  const end = Date.now() + within;
  const requireStarted = (cause?: unknown) =>
    requireStartedWith(temporal, definition.workflow, sagaId, input, cause);

  // A start that meets no other is this input's, and that need not be looked up.
  const answer = await ask('FAIL').catch((error: unknown) => {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  });
  if (answer) return answer;
  try {
    for (;;) {
      const later = await ask('USE_EXISTING');
      if (!later) continue;
      await requireStarted();
      return later;
    }
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await requireStarted(error);
    throw new SagaClientError('SAGA_ENDED', sagaId, `${sagaId} has ended before; ask for its outcome`, {
      cause: error,
    });
  }

  /** @returns nothing when the run that was asked has continued as new: then the next one is to be asked. */
  async function ask(
    workflowIdConflictPolicy: 'FAIL' | 'USE_EXISTING',
  ): Promise<MilestoneAnswer | undefined> {
    const startWorkflowOperation = new WithStartWorkflowOperation(definition.workflow, {
      ...options,
      workflowIdConflictPolicy,
    });
    const args: [string] = [milestone];
    const execute = () =>
      temporal.workflow.executeUpdateWithStart(awaitMilestone, { startWorkflowOperation, args });
    try {
      return await awaitAnswer(temporal, sagaId, Math.max(end - Date.now(), 1), execute, within);
    } catch (error) {
      if (hasEndedBeforeAnswer(error)) return undefined;
      throw error;
    }
  }
}
