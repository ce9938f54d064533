import { isDeepStrictEqual } from 'node:util';
import { type Client, isGrpcServiceError } from '@temporalio/client';
import { NESTED_IN } from '../saga/nested';
import { SagaClientError } from './errors';
import { decodePayloads } from './payloads';

/** gRPC's number for a run that the server does not have. */
const NOT_FOUND = 5;

/** @throws SagaClientError `SAGA_ID_TAKEN` unless {@link isStartedWith}. */
export async function requireStartedWith(
  client: Client,
  workflow: string,
  sagaId: string,
  input: unknown,
  cause?: unknown,
): Promise<void> {
  if (await isStartedWith(client, workflow, sagaId, input)) return;
  const message = `${sagaId} was started before with another input, or is not a saga of this kind`;
  throw new SagaClientError('SAGA_ID_TAKEN', sagaId, message, { cause });
}

/**
 * Whether a saga of this workflow type was started with this input, and not as the step of another saga: read from the first event of its first run, so that it holds for sagas
 * started by anyone, and for one that has continued as new since. Where retention has removed that run, its latest one
 * decides. Compared as JSON, which is what a workflow is given.
 */
async function isStartedWith(
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
