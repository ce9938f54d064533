import { asyncLocalStorage, Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { StepCall } from '../../src/saga';
import type { OrderRequest } from '../../services/order/contract';
import { orderOf, type Shop } from '../services/shop';
import { until } from '../support/until';

/**
 * What meets one attempt of an operation of a saga:
 * - `held`: it waits for the test's `release`, then goes on;
 * - `broken`: it fails, once, as no retry can help;
 * - a function: it runs before or after the operation has had its effect.
 */
type Fault = 'held' | 'broken' | { readonly when: 'before' | 'after'; readonly what: () => Promise<unknown> };

type Activity = (argument: unknown, call: StepCall) => Promise<unknown>;

/** Stands between Temporal and the shop's activities, and lets single calls meet a fault. */
export class Faults {
  /** Every call that arrived. */
  readonly calls: StepCall[] = [];
  inFlight = 0;
  private readonly faults = new Map<string, Fault>();
  private readonly gates = new Map<string, () => void>();

  wrap(shop: Shop): Partial<Shop> {
    const activities = Object.entries(shop).filter(
      ([name, value]) => typeof value === 'function' && name !== 'close',
    );
    return Object.fromEntries(
      activities.map(([name, activity]) => [name, this.around(activity as Activity)]),
    ) as Partial<Shop>;
  }

  at(sagaId: string, operation: string, fault: Fault): void {
    this.faults.set(`${sagaId} ${operation}`, fault);
  }

  async arrived(sagaId: string, operation: string): Promise<void> {
    await until(`${operation} of ${sagaId}`, () => this.gates.has(`${sagaId} ${operation}`));
  }

  release(sagaId: string, operation: string): void {
    this.gates.get(`${sagaId} ${operation}`)?.();
  }

  /** So that workers can end after a test that failed. */
  releaseAll(): void {
    for (const open of this.gates.values()) open();
  }

  /** Orders that each end at a moment drawn from the seed: before or after one of their operations has its effect. */
  plan(seed: number, count: number, terminate: (sagaId: string) => Promise<unknown>): OrderRequest[] {
    const random = mulberry32(seed);
    const pick = <T>(among: readonly T[]): T => among[Math.floor(random() * among.length)] as T;
    return Array.from({ length: count }, (_, index) => {
      const orderId = `chaos-${index}`;
      const customer = pick(['ada', 'grace', 'alan']);
      const unwinds = random() < 0.35;
      const when = pick(['before', 'after'] as const);
      this.at(`order-${orderId}`, pick(unwinds ? unwinding : forward), {
        when,
        what: () => terminate(`order-${orderId}`),
      });
      return orderOf(orderId, {
        customerId: `cust-${customer}`,
        card: `card-${customer}`,
        lines: [{ sku: 'sku-pen', quantity: 1 }],
        ...(unwinds && { shipTo: { country: 'AQ', postalCode: '00' } }),
      });
    });
  }

  private around(activity: Activity): Activity {
    return async (argument, call) => {
      const operation = `${call.sagaId} ${call.op} ${call.step}`;
      this.calls.push(call);
      const fault = this.faults.get(operation);
      this.faults.delete(operation);
      this.inFlight += 1;
      try {
        if (fault === 'broken') throw ApplicationFailure.nonRetryable('the shelf collapsed', 'BROKEN');
        if (fault === 'held') {
          await new Promise<void>((resolve) => this.gates.set(operation, resolve));
          return await untold(() => activity(argument, call));
        }
        if (fault?.when === 'before') await fault.what();
        const answer = await activity(argument, call);
        if (typeof fault === 'object' && fault.when === 'after') await fault.what();
        return answer;
      } finally {
        this.inFlight -= 1;
      }
    };
  }
}

/** Runs an activity as a process does that no cancellation has reached, because it was cut off. */
function untold<Result>(run: () => Promise<Result>): Promise<Result> {
  const { signal } = new AbortController();
  const context = Object.create(Context.current(), { cancellationSignal: { value: signal } }) as Context;
  return asyncLocalStorage.run(context, run);
}

const before = ['do open-order', 'do reserve-stock', 'do authorise-payment', 'do book-shipment'];
const forward = [
  ...before,
  'do capture-payment',
  'do dispatch-shipment',
  'do ship-stock',
  'do confirm-order',
];
const unwinding = [...before, 'undo authorise-payment', 'undo reserve-stock', 'undo open-order'];

/** A small seeded generator: the same seed draws the same numbers in [0, 1). */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
