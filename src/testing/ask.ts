import { isGrpcServiceError, ServiceError } from '@temporalio/client';
import { SagaClient, SagaClientError } from '../client';
import type { SagaReport, UndoPreview } from '../saga';
import type { Stage } from './environment';

/** The longest that a saga may take to answer: an express saga does only between parts of its workflow task. */
const ANSWER_WITHIN_MS = 3_000;

/** gRPC's status code. */
const CANCELLED = 1;

/** Who asks: a client, and where it can wait. */
interface Asker {
  readonly client: SagaClient;
  readonly stage: Pick<Stage, 'until'>;
}

/** Asks a saga for its report. */
export async function askForReport(asker: Asker, sagaId: string): Promise<SagaReport> {
  return await ask(asker, (asking) => asking.report(sagaId));
}

/** Asks a saga what would be undone if it failed now. */
export async function askForPreview(asker: Asker, sagaId: string): Promise<UndoPreview> {
  return await ask(asker, (asking) => asking.undoPreview(sagaId));
}

/** Asks again where a saga cannot answer now, and where the time-skipping server loses the question, which it does at times. */
async function ask<T>({ client, stage }: Asker, question: (asking: SagaClient) => Promise<T>): Promise<T> {
  const asking = new SagaClient(client.temporal, { answerWithinMs: ANSWER_WITHIN_MS });
  let lost: unknown;
  const answers: T[] = [];
  const isAnswered = async () => {
    try {
      answers.push(await question(asking));
    } catch (error) {
      if (!wasLost(error)) throw error;
      lost = error;
    }
    return answers.length > 0;
  };
  await stage.until(isAnswered);
  const [answer] = answers;
  if (answer === undefined) throw lost;
  return answer;
}

function wasLost(error: unknown): boolean {
  if (error instanceof SagaClientError) return error.code === 'NO_ANSWER';
  const cause = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(cause) && Number(cause.code) === CANCELLED;
}
