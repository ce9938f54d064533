import { ApplicationFailure, condition, defineSignal, setHandler, workflowInfo } from '@temporalio/workflow';
import type { SagaErrorCode } from './core/error-codes';
import { jsonBytes } from './core/payload-size';
import type { RescueEntry } from './rescue-entry';
import { perWorkflow } from './per-workflow';
import { taskBudget } from './task-budget';

/** The signal that carries a {@link StackPart}. */
export const STACK_PART = 'stackPart';

/** A part of a compensation stack that is too large for one payload. */
export interface StackPart {
  /** Identifies the stack: parts of different stacks do not mix. */
  readonly stack: string;
  /** From 0. */
  readonly index: number;
  /** The number of parts. */
  readonly of: number;
  /** A piece of the entries' JSON. */
  readonly text: string;
}

/** What one payload may hold of a stack, in bytes of JSON. The rest of the server's 2 MiB is for a codec. */
export const MAX_STACK_BYTES = 2_000_000;

/** Three bytes per UTF-16 unit at most, so a part has at most 1.8 MB. */
const PART_UNITS = 600_000;

/**
 * Splits a stack. The JSON text is split rather than the list of entries, because a single entry can be larger than one
 * payload: a nested saga's output is a stack itself.
 */
export function splitStack(stack: string, entries: readonly RescueEntry[]): StackPart[] {
  const text = JSON.stringify(entries);
  const of = Math.ceil(text.length / PART_UNITS);
  return Array.from({ length: of }, (_, index) => {
    const from = index * PART_UNITS;
    return { stack, index, of, text: text.slice(from, from + PART_UNITS) };
  });
}

/** What the parts of a stack add to the history of whoever receives or sends them, in bytes. */
export function bytesOf(parts: readonly StackPart[]): number {
  return parts.reduce((bytes, part) => bytes + jsonBytes(part), 0);
}

/** The parts that have arrived, in any order and any number of times. */
export class ReceivedParts {
  private readonly stacks = new Map<string, Map<number, StackPart>>();

  /** Ignores what is not a part. */
  add(part: unknown): void {
    if (!isStackPart(part)) return;
    const parts = this.stacks.get(part.stack) ?? new Map<number, StackPart>();
    this.stacks.set(part.stack, parts.set(part.index, part));
  }

  has({ stack, index }: StackPart): boolean {
    return this.stacks.get(stack)?.has(index) ?? false;
  }

  /** A stack of which every part has arrived. */
  get complete(): string | undefined {
    for (const [stack, parts] of this.stacks) if (isComplete(parts)) return stack;
    return undefined;
  }

  /** Removes a stack and returns its entries; undefined unless every part has arrived. */
  take(stack: string): readonly RescueEntry[] | undefined {
    const parts = this.stacks.get(stack);
    if (!parts || !isComplete(parts)) return undefined;
    this.stacks.delete(stack);
    const text = [...parts.values()].sort((a, b) => a.index - b.index).map((part) => part.text);
    return JSON.parse(text.join('')) as RescueEntry[];
  }
}

function isComplete(parts: ReadonlyMap<number, StackPart>): boolean {
  const [first] = parts.values();
  return first !== undefined && parts.size === first.of;
}

function isStackPart(value: unknown): value is StackPart {
  const { stack, index, of, text } = (value ?? {}) as Partial<StackPart>;
  return (
    typeof stack === 'string' &&
    typeof text === 'string' &&
    Number.isInteger(of) &&
    Number.isInteger(index) &&
    (index as number) >= 0 &&
    (index as number) < (of as number)
  );
}

/** Carries a part of a compensation stack: of a nested saga to its parent, or to a rescue from whoever starts it. */
export const stackPart = defineSignal<[StackPart]>(STACK_PART);

export const received = perWorkflow(() => new ReceivedParts());

/** Keeps every part that arrives from now on, and those that arrived before. */
export function acceptParts(): void {
  setHandler(stackPart, (part) => received().add(part), {
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
    while (!taskBudget().take(bytes)) await taskBudget().next();
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
  const parts = received();
  const isComplete = () => parts.complete !== undefined;
  await condition(isComplete, WAIT, { summary: 'waits for all parts of the compensation stack' });
  const entries = parts.take(parts.complete ?? '');
  if (entries) return entries;
  throw ApplicationFailure.nonRetryable(
    'not all parts of the compensation stack arrived in ten minutes; nothing was undone: rescue or reverse the saga again',
    'STACK_INCOMPLETE' satisfies SagaErrorCode,
  );
}
