import { isDeepStrictEqual } from 'node:util';
import type { Client } from '@temporalio/client';

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
  const payloads = history?.events?.[0]?.workflowExecutionStartedEventAttributes?.input?.payloads ?? [];
  const { payloadConverter, payloadCodecs } = client.options.loadedDataConverter;
  let decoded = payloads;
  for (const codec of [...payloadCodecs].reverse()) decoded = await codec.decode(decoded);
  const first = decoded[0] && payloadConverter.fromPayload<unknown>(decoded[0]);
  return isDeepStrictEqual(first, JSON.parse(JSON.stringify(input)));
}
