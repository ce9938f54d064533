import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { OrderRequest } from '../../services/order/contract';
import { orderOf } from '../services/shop';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { until } from '../support/until';
import { members, Troupe } from './troupe';

const kinds: readonly (Partial<OrderRequest> | undefined)[] = [
  {},
  {},
  {},
  { lines: [{ sku: 'sku-laptop', quantity: 1 }] },
  { lines: [{ sku: 'sku-moonlamp', quantity: 1 }] },
  { customerId: 'cust-ken', card: 'card-ken' },
  { customerId: 'cust-linus', card: 'card-linus' },
  { shipTo: { country: 'AQ', postalCode: '00' } },
];

const act = fc.constantFrom('cancel', 'none', 'none', 'none');
const plans = fc.array(fc.record({ kind: fc.constantFrom(...kinds), act }), {
  minLength: sized(300, 40),
  maxLength: sized(300, 40),
});
const kills = fc.array(fc.constantFrom(...members), { minLength: sized(60, 8), maxLength: sized(60, 8) });

test('orders end all done or all undone while processes are killed', async () => {
  const seed = printedSeed('test/choreography/chaos.test.ts');
  const [orders = []] = fc.sample(plans, { seed, numRuns: 1 });
  const [victims = []] = fc.sample(kills, { seed, numRuns: 1 });
  const troupe = await Troupe.open('chaos');
  try {
    await Promise.all(members.map((name) => troupe.spawn(name)));
    let over = 0;
    const waitingForReview = async () => {
      const rows = await troupe.query<{ id: string }>(
        'order',
        `SELECT order_id AS id FROM orders JOIN received_events USING (order_id)
         WHERE status = 'PENDING' AND type = 'ReviewAwaited' AND NOT EXISTS (
           SELECT FROM saga_barrier WHERE step = 'review-order' AND saga_id = orders.saga_id)`,
      );
      return rows.map(({ id }) => id);
    };
    const place = async (at: number) => {
      const { kind = {}, act: what } = orders[at] ?? { act: 'none' };
      const orderId = `chaos-${at}`;
      await troupe.desk.place(orderOf(orderId, kind));
      if (what === 'cancel') await troupe.desk.cancel(orderId);
      const ended = await troupe.desk.ended(orderId);
      over += 1;
      return ended;
    };
    const all = Promise.all(orders.map((_, at) => place(at)));
    const killing = (async () => {
      for (const victim of victims) {
        const before = over;
        await troupe.kill(victim);
        await troupe.spawn(victim);
        await until(
          'an order to end',
          async () => {
            for (const orderId of await waitingForReview()) {
              await troupe.desk.review(orderId, { decision: 'approve', actor: 'jo' });
            }
            return over > before || over === orders.length;
          },
          60_000,
        );
      }
    })();
    await killing;
    await until(
      'all orders to end',
      async () => {
        for (const orderId of await waitingForReview()) {
          await troupe.desk.review(orderId, { decision: 'approve', actor: 'jo' });
        }
        return over === orders.length;
      },
      60_000,
    );
    const ways = new Set((await all).map(({ ended, reason }) => reason ?? ended));
    expect(ways.size).toBeGreaterThan(4);
    await troupe.expectAllWell();
  } finally {
    await troupe.close();
  }
}, 300_000);
