import { type Client, isGrpcServiceError, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { SagaClientError } from './errors';

/** gRPC's status codes. */
const [CANCELLED, DEADLINE_EXCEEDED, FAILED_PRECONDITION] = [1, 4, 9];
/** How much sooner than ours the server's clock may say that the time is up. */
const SKEW_MS = 100;

/**
 * What a saga answers to a question, or to an Update. Where no worker runs it, the server would let us wait for ever.
 * @param askedForMs the time altogether, where it was asked before; for the message.
 * @throws SagaClientError `NO_ANSWER`
 */
export async function awaitAnswer<T>(
  temporal: Client,
  sagaId: string,
  withinMs: number,
  ask: () => Promise<T>,
  askedForMs = withinMs,
): Promise<T> {
  const end = Date.now() + withinMs;
  try {
    return await temporal.withDeadline(end, ask);
  } catch (error) {
    const failure = grpcFailureOf(error);
    // A workflow whose task has failed twice in a row or was lost, one that is paused, or has had all the Updates it may have.
    if (failure?.code === FAILED_PRECONDITION)
      throw new SagaClientError('NO_ANSWER', sagaId, `${sagaId} cannot answer: ${failure.details}`, {
        cause: error,
      });
    if (!isOutOfTime(error, end)) throw error;
    const message = `${sagaId} did not answer within ${askedForMs / 1_000} s; what it was asked may yet be done`;
    throw new SagaClientError('NO_ANSWER', sagaId, message, { cause: error });
  }
}

/** A server that sees the deadline pass before we do cancels the call; so does a caller who gives up earlier. */
function isOutOfTime(error: unknown, end: number): boolean {
  const code = grpcFailureOf(error)?.code;
  return code === DEADLINE_EXCEEDED || (code === CANCELLED && Date.now() > end - SKEW_MS);
}

function grpcFailureOf(error: unknown): { readonly code: number; readonly details: string } | undefined {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) ? { code: Number(cause.code), details: cause.details } : undefined;
}

/** The server's word for an Update whose handler had not ended when its run did: it closed, or continued as new. */
const ENDED_BEFORE_ANSWER = 'AcceptedUpdateCompletedWorkflow';

export function hasEndedBeforeAnswer(error: unknown): boolean {
  if (!(error instanceof WorkflowUpdateFailedError)) return false;
  return error.cause instanceof ApplicationFailure && error.cause.type === ENDED_BEFORE_ANSWER;
}
