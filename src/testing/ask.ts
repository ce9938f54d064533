import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import type { SagaClient } from '../client';
import type { SagaReport, UndoPreview } from '../saga';
import { WITHIN_MS } from './until';

/** The longest that a saga may take to answer: an express saga does only between parts of its workflow task. */
const ANSWER_WITHIN_MS = 3_000;

/** gRPC's status codes. */
const [CANCELLED, DEADLINE_EXCEEDED] = [1, 4];

/** Asks a saga for its report. */
export async function askForReport(client: SagaClient, sagaId: string): Promise<SagaReport> {
  return await ask(client, () => client.report(sagaId));
}

/** Asks a saga what would be undone if it failed now. */
export async function askForPreview(client: SagaClient, sagaId: string): Promise<UndoPreview> {
  return await ask(client, () => client.undoPreview(sagaId));
}

/** Asks again where the time-skipping server loses the question, which it does at times. */
async function ask<T>(client: SagaClient, question: () => Promise<T>): Promise<T> {
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await client.temporal.withDeadline(Date.now() + ANSWER_WITHIN_MS, question);
    } catch (error) {
      if (Date.now() > end || !wasLost(error)) throw error;
    }
  }
}

function wasLost(error: unknown): boolean {
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && (cause.code === DEADLINE_EXCEEDED || cause.code === CANCELLED);
}
