import type { Client } from '@temporalio/client';
import type { Operation } from '../saga/call';
import { readCallEvents } from './call-events';
import { decodePayloads } from './payloads';
import type { CallEvent } from './rebuild-ledger';

/** A call of a step's action or compensation, or of a nested saga, as the history holds it. */
export interface SagaCall {
  readonly step: string;
  readonly op: Operation;
  /** The type of the activity, or of the nested saga's workflow. */
  readonly name: string;
  /** When it was scheduled, ISO 8601. */
  readonly at: string;
  readonly input: unknown;
  /** `open`: it has not ended. */
  readonly result: 'succeeded' | 'failed' | 'open';
  readonly output?: unknown;
}

/** What a saga was started with, and what its latest run called, in order. */
export interface SagaPayloads {
  readonly input: unknown;
  /** A step in express placement has no input in the history, and is left out. */
  readonly calls: readonly SagaCall[];
}

/** @throws WorkflowNotFoundError */
export async function readPayloads(client: Client, sagaId: string): Promise<SagaPayloads> {
  const { runId } = await client.workflow.getHandle(sagaId).describe();
  const { history } = await client.workflowService.getWorkflowExecutionHistory({
    namespace: client.options.namespace,
    execution: { workflowId: sagaId, runId },
    maximumPageSize: 1,
  });
  const started = history?.events?.[0]?.workflowExecutionStartedEventAttributes;
  const [input] = await decodePayloads(client, started?.input?.payloads);
  return { input, calls: callsOf(await readCallEvents(client, sagaId, runId)) };
}

function callsOf(events: readonly CallEvent[]): SagaCall[] {
  const ends = new Map(
    events.flatMap((event) => (event.type === 'closed' ? [[event.scheduledId, event]] : [])),
  );
  return events.flatMap((event) => {
    if (event.type !== 'scheduled') return [];
    const { call, name, at, input, eventId } = event;
    const end = ends.get(eventId);
    const result = end === undefined ? 'open' : end.succeeded ? 'succeeded' : 'failed';
    return {
      ...({ step: call.step, op: call.op, name, at: new Date(at).toISOString(), input, result } as const),
      ...(end && 'output' in end && { output: end.output }),
    };
  });
}
