import { createHash } from 'node:crypto';
import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import { jsonBytes } from '../saga/core/payload-size';
import { bytesOf, MAX_STACK_BYTES, splitStack, STACK_PART, type StackPart } from '../saga/stack-parts';
import type { RescueInput } from '../saga/rescue-entry';
import { readReceivedParts } from './call-events';
import { SagaClientError } from './errors';

/** The rescue's history holds the stack twice, as parts and in its calls, and may have 50 MiB. */
const MAX_SENT_BYTES = 22_000_000;

/** What a rescue is started with, and the parts to send to it then. */
export interface Delivery {
  readonly input: RescueInput;
  readonly parts: readonly StackPart[];
}

/** Takes the entries out of an input that is too large with them. @throws SagaClientError `INPUT_TOO_LARGE` */
export function planDelivery(input: RescueInput): Delivery {
  if (jsonBytes(input) <= MAX_STACK_BYTES) return { input, parts: [] };
  const { sagaId, entries } = input;
  // The same stack has the same name, so the same command can send what is missing.
  const stack = createHash('sha256').update(JSON.stringify(entries)).digest('hex');
  const parts = splitStack(stack, entries);
  const bytes = bytesOf(parts);
  if (bytes <= MAX_SENT_BYTES) return { input: { ...input, entries: [], parts: parts.length }, parts };
  throw new SagaClientError(
    'INPUT_TOO_LARGE',
    sagaId,
    `what is needed to undo ${sagaId} has ${bytes} bytes as JSON, and may have ${MAX_SENT_BYTES}: undo it by hand`,
  );
}

/** Sends the parts that a rescue has not received, while it waits for any. Idempotent. */
export async function deliver(client: Client, rescueId: string, parts: readonly StackPart[]): Promise<void> {
  if (parts.length === 0) return;
  const handle = client.workflow.getHandle(rescueId);
  const { runId, status } = await handle.describe();
  if (status.name !== 'RUNNING') return;
  const received = await readReceivedParts(client, rescueId, runId);
  // One complete stack is enough, also if it was read before more was known.
  if (received.complete !== undefined) return;
  try {
    for (const part of parts) if (!received.has(part)) await handle.signal(STACK_PART, part);
  } catch (error) {
    // It has ended: another client has sent the parts, or it waited too long, which its outcome tells.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}
