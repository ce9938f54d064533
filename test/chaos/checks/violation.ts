/** One thing that must not be, found from outside. */
export interface Violation {
  /** The same word for the same kind, to count by. */
  readonly kind: string;
  /** The saga, or the row, that it is about. */
  readonly about: string;
  readonly what: string;
}

export function text({ kind, about, what }: Violation): string {
  return `${kind}: ${about}: ${what}`;
}

/** What a closed saga answered, read from its workflow. */
export interface Answer {
  readonly sagaId: string;
  readonly orderId: string;
  readonly ended: 'completed' | 'compensated' | 'cancelled';
  /** Whether there was another run before this one: then this one found undone what that one had undone, for a reason of its own. */
  readonly wasReset: boolean;
  /** Of a compensated saga: the code it failed with. */
  readonly reason?: string;
  /** Whether it says that something is left: what came after the pivot of an earlier run. */
  readonly partly?: boolean;
  /** Of a completed one: its result, as it is. */
  readonly receipt?: Readonly<Record<string, unknown>>;
}
