import { type Client, isGrpcServiceError } from '@temporalio/client';
import { SagaClientError } from './errors';

/** gRPC's status codes. */
const [CANCELLED, DEADLINE_EXCEEDED] = [1, 4];
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
    if (!isOutOfTime(error, end)) throw error;
    const message = `${sagaId} did not answer within ${askedForMs / 1_000} s; what it was asked may yet be done`;
    throw new SagaClientError('NO_ANSWER', sagaId, message, { cause: error });
  }
}

/** A server that sees the deadline pass before we do cancels the call; so does a caller who gives up earlier. */
function isOutOfTime(error: unknown, end: number): boolean {
  const cause = error instanceof Error && !isGrpcServiceError(error) ? error.cause : error;
  if (!isGrpcServiceError(cause)) return false;
  const code = Number(cause.code);
  return code === DEADLINE_EXCEEDED || (code === CANCELLED && Date.now() > end - SKEW_MS);
}
