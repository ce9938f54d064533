import { ApplicationFailure, condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { SagaErrorCode } from './core/error-codes';
import { jsonBytes } from './core/payload-size';
import { bytesOf, ReceivedParts, STACK_PART, type StackPart } from './stack-parts';
import type { RescueEntry } from './rescue-input';
import { taskBudget } from './task-budget';

/** Carries a part of a compensation stack: of a nested saga to its parent, or to a rescue from whoever starts it. */
export const stackPart = defineSignal<[StackPart]>(STACK_PART);

/** One for each workflow: the sandbox gives each its own modules. */
export const received = new ReceivedParts();

/** Keeps every part that arrives from now on, and those that arrived before. */
export function acceptParts(): void {
  setHandler(stackPart, (part) => received.add(part), {
    description: 'A part of a compensation stack that is too large for one payload',
  });
}

/** The server terminates a workflow at 50 MiB. */
const MAX_HISTORY_BYTES = 45 * 1024 * 1024;

/** Whether this workflow's history has room for these parts. */
export function hasRoomFor(parts: readonly StackPart[]): boolean {
  return workflowInfo().historySize + bytesOf(parts) <= MAX_HISTORY_BYTES;
}

/** Sends the parts one after the other, within what workflow tasks can carry. @throws what `send` does */
export async function sendParts(
  parts: readonly StackPart[],
  send: (part: StackPart) => Promise<void>,
): Promise<void> {
  for (const part of parts) {
    const bytes = jsonBytes(part);
    while (!taskBudget.take(bytes)) await taskBudget.next();
    await send(part);
  }
}

/** Sending takes seconds, or as long as a worker of the sender is down. */
const WAIT = '10 minutes';

/**
 * Waits until every part of a stack has arrived.
 * @throws ApplicationFailure `STACK_INCOMPLETE` after ten minutes: then whoever sent it starts the workflow again.
 */
export async function awaitStack(): Promise<readonly RescueEntry[]> {
  const isComplete = () => received.complete !== undefined;
  await condition(isComplete, WAIT, { summary: 'waits for all parts of the compensation stack' });
  const entries = received.take(received.complete ?? '');
  if (entries) return entries;
  throw ApplicationFailure.nonRetryable(
    'not all parts of the compensation stack arrived in ten minutes; nothing was undone: rescue or reverse the saga again',
    'STACK_INCOMPLETE' satisfies SagaErrorCode,
  );
}
