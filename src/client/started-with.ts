import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';
import { decodePayloads } from './payloads';

/**
 * Whether a saga was started with this input: read from the first event of its history, so that it holds for
 * sagas started by anyone. Compared as JSON, which is what a workflow is given.
 */
export async function startedWith(client: Client, sagaId: string, input: unknown): Promise<boolean> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: sagaId },
    maximumPageSize: 1,
  });
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads;
  const [first] = await decodePayloads(client, payloads);
  return isDeepStrictEqual(first, JSON.parse(JSON.stringify(input)));
}
