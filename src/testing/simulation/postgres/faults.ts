import type { SimulatedTime } from './session';

/** What happens to a query. */
export type QueryFault =
  /** The connection is reset before the query is sent. */
  | { readonly kind: 'lost before' }
  /** The connection is reset while the query is on its way, and the server still gets it. */
  | { readonly kind: 'lost after' }
  /** The server does it, and the connection is reset before the answer: at a COMMIT, its acknowledgement is lost. */
  | { readonly kind: 'answer lost' }
  /** From now on nothing comes through, in either direction, and nobody is told. */
  | { readonly kind: 'silent'; readonly arrives: boolean }
  /** The server rolls the transaction back: a serialization failure, or a deadlock with someone outside of the simulation. */
  | { readonly kind: 'fails'; readonly sqlState: string }
  /** It takes so much of its time limit; longer than it, from 1 on. */
  | { readonly kind: 'slow'; readonly slowness: number }
  /** The participant's process stops for so long when it has the answer: it is idle in its transaction. */
  | { readonly kind: 'paused'; readonly ms: number }
  /** The participant's process dies. */
  | { readonly kind: 'killed'; readonly arrives: boolean }
  /** Another server takes over. */
  | { readonly kind: 'failover'; readonly downMs: number; readonly readOnlyMs: number };

const SLOWNESS = [0.1, 0.5, 0.9, 1];
const PAUSES_MS = [1_000, 6_000, 12_000];
const DOWN_MS = [0, 300, 3_000, 20_000];
const READ_ONLY_MS = [0, 500, 5_000, 20_000];

/** How long a query is on its way, in milliseconds. */
const DELAYS_MS = [1, 1, 1, 2, 5, 20, 100];
/** How long until a server learns that a client is gone. */
const HANG_UP_MS = [1, 10, 1_000, 8_000];

/** A saga that is stuck for longer than this, in milliseconds, is not helped by a fault that happens to discard a bad connection. */
const FAULTS_END_MS = 600_000;

/** What goes wrong between a participant and its database, until it must recover. */
export class DatabaseFaults {
  private readonly end: number;

  /** @param once in so many queries something goes wrong; undefined for never. */
  constructor(
    private readonly time: SimulatedTime,
    private readonly once: number | undefined,
  ) {
    this.end = time.now + FAULTS_END_MS;
  }

  /** @returns nothing when all goes well. */
  next(): QueryFault | undefined {
    const { once, time } = this;
    if (once === undefined || time.now > this.end || time.pick(once) !== once - 1) return undefined;
    return kinds[time.pick(kinds.length)]?.((from) => from[time.pick(from.length)] as never);
  }

  delayMs(): number {
    return DELAYS_MS[this.time.pick(DELAYS_MS.length)] ?? 1;
  }

  hangUpMs(): number {
    return HANG_UP_MS[this.time.pick(HANG_UP_MS.length)] ?? 1;
  }
}

type OneOf = <T>(from: readonly T[]) => T;

const kinds: readonly ((oneOf: OneOf) => QueryFault)[] = [
  () => ({ kind: 'answer lost' }),
  () => ({ kind: 'lost before' }),
  () => ({ kind: 'lost after' }),
  (oneOf) => ({ kind: 'silent', arrives: oneOf([true, false]) }),
  (oneOf) => ({ kind: 'fails', sqlState: oneOf(['40001', '40P01']) }),
  (oneOf) => ({ kind: 'slow', slowness: oneOf(SLOWNESS) }),
  (oneOf) => ({ kind: 'paused', ms: oneOf(PAUSES_MS) }),
  (oneOf) => ({ kind: 'killed', arrives: oneOf([true, false]) }),
  (oneOf) => ({ kind: 'failover', downMs: oneOf(DOWN_MS), readOnlyMs: oneOf(READ_ONLY_MS) }),
];
