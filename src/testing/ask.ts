import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { SagaClient, SagaClientError } from '../client';
import type { SagaReport, UndoPreview } from '../saga';
import { WITHIN_MS } from './until';

/** The longest that a saga may take to answer: an express saga does only between parts of its workflow task. */
const ANSWER_WITHIN_MS = 3_000;

/** gRPC's status code. */
const CANCELLED = 1;

/** Asks a saga for its report. */
export async function askForReport(client: SagaClient, sagaId: string): Promise<SagaReport> {
  return await ask(client, (asking) => asking.report(sagaId));
}

/** Asks a saga what would be undone if it failed now. */
export async function askForPreview(client: SagaClient, sagaId: string): Promise<UndoPreview> {
  return await ask(client, (asking) => asking.undoPreview(sagaId));
}

/** Asks again where the time-skipping server loses the question, which it does at times. */
async function ask<T>({ temporal }: SagaClient, question: (asking: SagaClient) => Promise<T>): Promise<T> {
  const asking = new SagaClient(temporal, { answerWithinMs: ANSWER_WITHIN_MS });
  const end = Date.now() + WITHIN_MS;
  for (;;) {
    try {
      return await question(asking);
    } catch (error) {
      if (Date.now() > end || !wasLost(error)) throw error;
    }
  }
}

function wasLost(error: unknown): boolean {
  if (error instanceof SagaClientError) return error.code === 'NO_ANSWER';
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && Number(cause.code) === CANCELLED;
}
