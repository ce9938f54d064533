import { type Client, isGrpcServiceError } from '@temporalio/client';
import { SagaClientError } from './errors';

/** gRPC's status code. */
const DEADLINE_EXCEEDED = 4;

/**
 * What a saga answers to a question, or to an Update. Where no worker runs it, the server would let us wait for ever.
 * @throws SagaClientError `NO_ANSWER`
 */
export async function answerWithin<T>(
  temporal: Client,
  sagaId: string,
  withinMs: number,
  ask: () => Promise<T>,
): Promise<T> {
  try {
    return await temporal.withDeadline(Date.now() + withinMs, ask);
  } catch (error) {
    if (!isOutOfTime(error)) throw error;
    const message = `${sagaId} did not answer within ${withinMs / 1_000} s; what it was asked may yet be done`;
    throw new SagaClientError('NO_ANSWER', sagaId, message, { cause: error });
  }
}

function isOutOfTime(error: unknown): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) && Number(cause.code) === DEADLINE_EXCEEDED;
}
