import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { jsonBytes, MAX_PAYLOAD_BYTES } from '../saga/core/payload-size';
import type { SagaActivities } from '../saga/reset';
import { readLeftovers } from './leftovers';
import { SagaClientError } from './errors';
import type { SagaRecords } from './records';

/**
 * The activities that every worker of sagas registers for the engine itself, on the sagas' own task queue:
 * `Worker.create({ activities: { ...sagaActivities() } })`. They read histories through the worker's own connection. A saga
 * that is reset waits for them, and is visibly stuck without them (S17).
 * @param sources `records`: the participants' own; needed for express sagas, whose histories do not tell what they did.
 */
export function sagaActivities({ records = [] }: { readonly records?: readonly SagaRecords[] } = {}): object {
  const activities: SagaActivities = {
    async unwindEarlierRuns(question, { sagaId }) {
      const { client, info } = Context.current();
      const runId = info.workflowExecution?.runId ?? '';
      try {
        const answer = await readLeftovers(client, sagaId, runId, question, records);
        const bytes = jsonBytes(answer);
        if (bytes <= MAX_PAYLOAD_BYTES) return answer;
        throw ApplicationFailure.nonRetryable(
          `what earlier runs did has ${bytes} bytes as JSON, and an answer may have ${MAX_PAYLOAD_BYTES}`,
          'PAYLOAD_TOO_LARGE',
        );
      } catch (error) {
        if (!(error instanceof SagaClientError)) throw error;
        const { code, message, retryAfterMs } = error;
        throw ApplicationFailure.create({
          type: code,
          message,
          nonRetryable: code !== 'SAGA_RUNNING',
          ...(retryAfterMs !== undefined && { nextRetryDelay: retryAfterMs }),
          cause: error,
        });
      }
    },
  };
  return activities;
}
