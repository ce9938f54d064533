import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { SagaClient } from '../client';
import type { SagaReport } from '../saga';
import { WITHIN_MS } from './until';

/** The longest that a saga may take to answer: an express saga does only between parts of its workflow task. */
const ANSWER_WITHIN_MS = 3_000;

/** gRPC's status codes. */
const [CANCELLED, DEADLINE_EXCEEDED] = [1, 4];

/** Asks a saga for its report, again where the time-skipping server loses the question, which it does at times. */
export async function askForReport(client: SagaClient, sagaId: string): Promise<SagaReport> {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await client.temporal.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => client.report(sagaId));
    } catch (error) {
      if (Date.now() > end || !wasLost(error)) throw error;
    }
  }
}

function wasLost(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && (cause.code === DEADLINE_EXCEEDED || cause.code === CANCELLED);
}
