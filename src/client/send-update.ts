import { type Client, WorkflowNotFoundError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure, type UpdateDefinition } from '@temporalio/common';
import { awaitAnswer, hasEndedBeforeAnswer } from './await-answer';
import { checkInput } from './checks';
import { SagaClientError } from './errors';
import { requireRunning } from './find-saga';

/** See {@link SagaClient.update}. */
export async function sendUpdate<Answer, Argument>(
  temporal: Client,
  sagaId: string,
  update: UpdateDefinition<Answer, [Argument]>,
  argument: Argument,
  withinMs: number,
): Promise<Answer> {
  checkInput(sagaId, argument);
  const handle = temporal.workflow.getHandle(sagaId);
  await requireRunning(temporal, sagaId);
  try {
    return await awaitAnswer(temporal, sagaId, withinMs, () =>
      handle.executeUpdate(update, { args: [argument] }),
    );
  } catch (error) {
    // A saga that closes while the update is on its way is not found either: its state now tells which it is.
    const isGone = error instanceof WorkflowNotFoundError;
    if (isGone) await requireRunning(temporal, sagaId);
    // It runs, and the run that was asked is over: it was reset, or continued as new.
    if (isGone || hasEndedBeforeAnswer(error)) {
      const message = `a run of ${sagaId} ended before it answered; what it was asked may have been done`;
      throw new SagaClientError('NO_ANSWER', sagaId, message, { cause: error });
    }
    if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    const { cause } = error;
    const code = cause instanceof ApplicationFailure && cause.type ? `${cause.type}: ` : '';
    throw new SagaClientError('UPDATE_REFUSED', sagaId, `${code}${cause?.message ?? error.message}`, {
      cause: error,
    });
  }
}
