import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { checkSagaId } from './checks';
import { SagaClientError } from './errors';

/** Asks the server about a saga. @throws SagaClientError `SAGA_ID_INVALID`, `SAGA_NOT_FOUND` */
export async function requireFound<T>(sagaId: string, look: () => Promise<T>): Promise<T> {
  checkSagaId(sagaId);
  try {
    return await look();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new SagaClientError('SAGA_NOT_FOUND', sagaId, `there is no saga ${sagaId} in this namespace`, {
      cause: error,
    });
  }
}

/** @throws SagaClientError `SAGA_ID_INVALID`, `SAGA_NOT_FOUND`, `SAGA_ENDED` */
export async function requireRunning(temporal: Client, sagaId: string): Promise<void> {
  const { status } = await requireFound(sagaId, () => temporal.workflow.getHandle(sagaId).describe());
  if (status.name === 'RUNNING') return;
  throw new SagaClientError('SAGA_ENDED', sagaId, `${sagaId} is ${status.name}`);
}
