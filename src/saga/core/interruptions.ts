import {
  ABANDONED,
  CANCELLED,
  DEADLINE_EXCEEDED,
  engineFailure,
  type Failure,
  HISTORY_LIMIT,
} from './failures';

/** What asks a saga from outside of its body to unwind (S8, S6, S14). */
export type Interruption = 'cancel' | 'deadline' | 'abandon' | 'history';

/**
 * What came of an interruption: it `unwound` the saga; it is `pending` until the pivot is known, or, in an express
 * saga, until no step runs; or it was `declined`, since it came after the pivot or while the saga was unwinding.
 */
export interface Interrupted {
  readonly requestedAt: number;
  readonly effect: 'unwound' | 'declined' | 'pending';
}

/** The reason of a saga that was unwound by an interruption. */
export const interruptionReasons: Readonly<Record<Interruption, Failure>> = {
  cancel: engineFailure(CANCELLED, 'cancelled by request'),
  deadline: engineFailure(DEADLINE_EXCEEDED, 'the deadline of the saga passed'),
  abandon: engineFailure(ABANDONED, 'abandoned by an operator'),
  history: engineFailure(HISTORY_LIMIT, 'the history has room for the unwinding only'),
};

/** The interruptions of one saga. Only one at a time is pending, and one unwinds. */
export class Interruptions {
  private readonly all: Partial<Record<Interruption, Interrupted>> = {};

  get(by: Interruption): Interrupted | undefined {
    return this.all[by];
  }

  /** All of them, and what came of each (S20). */
  get entries(): readonly (readonly [Interruption, Interrupted])[] {
    return Object.entries(this.all) as [Interruption, Interrupted][];
  }

  restore(entries: Interruptions['entries']): void {
    for (const [by, interrupted] of entries) this.all[by] = interrupted;
  }

  /** The same one again changes nothing about one that unwinds, or waits to (S4). */
  record(by: Interruption, interrupted: Interrupted): void {
    const earlier = this.all[by];
    if (!earlier || earlier.effect === 'declined') this.all[by] = interrupted;
  }

  /** What waited is decided. @returns the interruption, if there was one that waited. */
  decide(effect: 'unwound' | 'declined'): Interruption | undefined {
    const by = this.pending;
    if (by) this.all[by] = { ...(this.all[by] as Interrupted), effect };
    return by;
  }

  get pending(): Interruption | undefined {
    return this.that('pending');
  }

  /** The interruption that unwinds the saga, if it is one. */
  get unwoundBy(): Interruption | undefined {
    return this.that('unwound');
  }

  private that(effect: Interrupted['effect']): Interruption | undefined {
    return this.entries.find(([, interrupted]) => interrupted.effect === effect)?.[0];
  }
}
