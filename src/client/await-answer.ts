import { type Client, isGrpcServiceError } from '@temporalio/client';
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
    if (isNotReady(error)) {
      const message = `${sagaId} cannot answer while its workflow task fails again and again`;
      throw new SagaClientError('NO_ANSWER', sagaId, message, { cause: error });
    }
    if (!isOutOfTime(error, end)) throw error;
    const message = `${sagaId} did not answer within ${askedForMs / 1_000} s; what it was asked may yet be done`;
    throw new SagaClientError('NO_ANSWER', sagaId, message, { cause: error });
  }
}

/** A server that sees the deadline pass before we do cancels the call; so does a caller who gives up earlier. */
function isOutOfTime(error: unknown, end: number): boolean {
  const code = codeOf(error);
  return code === DEADLINE_EXCEEDED || (code === CANCELLED && Date.now() > end - SKEW_MS);
}

/** A server asks no workflow whose task has failed twice in a row, or was lost. */
function isNotReady(error: unknown): boolean {
  return codeOf(error) === FAILED_PRECONDITION;
}

function codeOf(error: unknown): number | undefined {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  return isGrpcServiceError(cause) ? Number(cause.code) : undefined;
}
