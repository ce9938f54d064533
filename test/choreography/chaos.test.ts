import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { EndedSaga } from '../../services/invariants';
import type { OrderRequest } from '../../services/order/contract';
import { orderOf } from '../services/shop';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { until } from '../support/until';
import { members, Troupe } from './troupe';

const ORDERS = sized(120, 30);
/** Orders on their way at a time. */
const LANES = 10;

const kinds: readonly Partial<OrderRequest>[] = [
  {},
  {},
  {},
  { lines: [{ sku: 'sku-laptop', quantity: 1 }] },
  { lines: [{ sku: 'sku-moonlamp', quantity: 1 }] },
  { customerId: 'cust-ken', card: 'card-ken' },
  { customerId: 'cust-linus', card: 'card-linus' },
  { shipTo: { country: 'AQ', postalCode: '00' } },
];

const plans = fc.array(
  fc.record({ kind: fc.constantFrom(...kinds), isCancelled: fc.constantFrom(true, false, false, false) }),
  { minLength: ORDERS, maxLength: ORDERS },
);
const kills = fc.array(fc.constantFrom(...members), { minLength: ORDERS, maxLength: ORDERS });

test('orders end all done or all undone while processes are killed', async () => {
  const seed = printedSeed('test/choreography/chaos.test.ts');
  const [plan = []] = fc.sample(plans, { seed, numRuns: 1 });
  const [victims = []] = fc.sample(kills, { seed, numRuns: 1 });
  const troupe = await Troupe.open('chaos');
  const ended: EndedSaga[] = [];
  try {
    await Promise.all(members.map((name) => troupe.spawn(name)));
    const left = [...plan.entries()];
    const lane = async () => {
      for (let next = left.shift(); next !== undefined; next = left.shift()) {
        const [at, { kind, isCancelled }] = next;
        const orderId = `chaos-${at}`;
        await troupe.desk.place(orderOf(orderId, kind));
        if (isCancelled) await troupe.desk.cancel(orderId);
        ended.push(await troupe.desk.ended(orderId));
      }
    };
    const lanes = Promise.all(Array.from({ length: LANES }, lane));
    let failure: unknown;
    lanes.catch((error: unknown) => (failure = error));
    for (const victim of victims) {
      if (failure !== undefined || ended.length === ORDERS) break;
      const before = ended.length;
      await troupe.kill(victim);
      await troupe.spawn(victim);
      await until('an order to end', async () => {
        await approveAll(troupe);
        return failure !== undefined || ended.length > before || ended.length === ORDERS;
      });
    }
    await lanes;
    const ways = new Set(ended.map(({ ended: how, reason }) => reason ?? how));
    expect(ways.size).toBeGreaterThan(2);
    await troupe.expectAllWell();
  } finally {
    await troupe.close();
  }
}, 600_000);

/** Reviews every order that waits for it. */
async function approveAll(troupe: Troupe): Promise<void> {
  const waiting = await troupe.query<{ id: string }>(
    'order',
    `SELECT order_id AS id FROM orders JOIN received_events USING (order_id)
     WHERE status = 'PENDING' AND type = 'ReviewAwaited' AND NOT EXISTS (
       SELECT FROM saga_barrier WHERE step = 'review-order' AND saga_id = orders.saga_id)`,
  );
  for (const { id } of waiting) await troupe.desk.review(id, { decision: 'approve', actor: 'jo' });
}
