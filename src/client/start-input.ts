import { isDeepStrictEqual } from 'node:util';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { NESTED_IN } from '../saga/nested';
import { decodePayloads } from './payloads';

/** gRPC's number for a run that the server does not have. */
const NOT_FOUND = 5;

/**
 * Whether a saga of this workflow type was started with this input, and not as the step of another saga: read from the first event of its first run, so that it holds for sagas
 * started by anyone, and for one that has continued as new since. Where retention has removed that run, its latest one
 * decides. Compared as JSON, which is what a workflow is given.
 */
export async function isStartedWith(
  client: Client,
  workflow: string,
  sagaId: string,
  input: unknown,
): Promise<boolean> {
  const { raw, runId, type, memo } = await client.workflow.getHandle(sagaId).describe();
  if (type !== workflow || memo?.[NESTED_IN] !== undefined) return false;
  const first = raw.workflowExecutionInfo?.firstRunId ?? runId;
  const [given] = await readStartInput(client, sagaId, first).catch((error: unknown) => {
    if (!isGrpcServiceError(error) || Number(error.code) !== NOT_FOUND) throw error;
    return readStartInput(client, sagaId, runId);
  });
  return isDeepStrictEqual(asJson(given), asJson(input));
}

/** What a run of a workflow was started with. */
export async function readStartInput(client: Client, workflowId: string, runId: string): Promise<unknown[]> {
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  return await decodePayloads(client, started?.input?.payloads);
}

/** No input at all, and one that JSON leaves out, is sent as none. */
function asJson(value: unknown): unknown {
  const json = JSON.stringify(value) as string | undefined;
  return json === undefined ? undefined : (JSON.parse(json) as unknown);
}
