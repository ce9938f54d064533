import type { ReceivedParts } from './stack-parts';
import type { StuckPolicy } from './definition';
import type { RescueEntry } from './rescue-input';

/** What a nested saga returns to its parent: its result, and what is needed to reverse it (S13). */
export interface NestedResult {
  readonly result: unknown;
  /** Its compensation stack, the pivot's compensation included. */
  readonly entries: readonly RescueEntry[];
  /** The stack was too large for this result and was sent to the parent in parts under this name; `entries` is empty. */
  readonly stack?: string;
  /** The parent does not have the stack; `entries` is empty. */
  readonly missing?: boolean;
  /** Its pivot, if it passed one that cannot be reversed. */
  readonly irreversible?: string;
  /** Whether an effect of it remains after a reverse: that of a step without a compensation. */
  readonly leaves: boolean;
  /** What its definition says about stuck operations, if it says anything. */
  readonly policy?: StuckPolicy;
}

/** The result with its stack, once the parts have arrived. */
export function withStack({ stack, ...result }: NestedResult, received: ReceivedParts): NestedResult {
  if (stack === undefined) return result;
  const entries = received.take(stack);
  return entries ? { ...result, entries } : { ...result, missing: true };
}
