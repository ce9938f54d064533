import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'pg';
import type { EndedSaga, InvariantReport } from '../../services/invariants';
import { checkInvariants } from '../../services/invariants';
import type { ServiceName } from '../../services/names';
import type { Plan } from './saga-plan';
import { carryOut, plan } from './saga-plan';
import type { Shop } from './shop';
import { openShop } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop('invariants');
});
afterAll(() => shop.close());

const ended: EndedSaga[] = [];
const broken = (report: InvariantReport) =>
  report.filter(({ holds }) => !holds).map(({ name, violations }) => `${name}: ${violations.join(' | ')}`);

test('all invariants hold after any sagas that ran at once, whatever they met', async () => {
  const ways = new Set<string>();
  await fc.assert(
    fc.asyncProperty(fc.array(plan, { minLength: 4, maxLength: 12 }), async (plans) => {
      const run = (one: Plan, index: number) => carryOut(shop, `order-${ended.length + index}`, one);
      for (const saga of await Promise.all(plans.map(run))) {
        ended.push(saga);
        ways.add(saga.reason ?? saga.ended);
      }
      expect(broken(await checkInvariants(shop.urls, ended))).toEqual([]);
    }),
    // Shrinking would start from databases that hold the failure already.
    { numRuns: 12, endOnFailure: true },
  );
  expect([...ways]).toEqual(
    expect.arrayContaining(['completed', 'cancelled', 'CARD_DECLINED', 'OUT_OF_STOCK']),
  );
});

describe('each invariant is seen to fail', () => {
  const usual: Plan = {
    customer: 'ada',
    sku: 'sku-tea',
    quantity: 2,
    country: 'DE',
    steps: 9,
    twice: false,
    reversed: false,
  };
  const completed = `order_id = 'completed'`;
  const undone = `order_id = 'undone'`;
  let sagas: EndedSaga[];

  beforeAll(async () => {
    sagas = [
      await carryOut(shop, 'completed', usual),
      await carryOut(shop, 'undone', { ...usual, country: 'AQ' }),
      await carryOut(shop, 'reversed', { ...usual, reversed: true }),
    ];
    sagas.push(await carryOut(shop, 'cancelled', { ...usual, steps: 4 }));
  });

  const onePosting = `(entry_id, account_id) = (
    SELECT entry_id, 'merchant/EUR' FROM entries WHERE kind = 'capture' AND ${completed})`;

  const corruptions: [invariant: string, service: ServiceName, corrupt: string, restore: string][] = [
    [
      'ledger: each entry sums to zero',
      'payment',
      `UPDATE postings SET amount = amount + 1 WHERE ${onePosting}`,
      `UPDATE postings SET amount = amount - 1 WHERE ${onePosting}`,
    ],
    [
      'ledger: all balances sum to zero',
      'payment',
      `UPDATE accounts SET balance = balance + 1 WHERE account_id = 'merchant/EUR'`,
      `UPDATE accounts SET balance = balance - 1 WHERE account_id = 'merchant/EUR'`,
    ],
    [
      'ledger: each balance is the sum of its postings',
      'payment',
      `UPDATE accounts SET balance = balance + 1 WHERE kind IN ('merchant');
       UPDATE accounts SET balance = balance - 1 WHERE kind IN ('bank')`,
      `UPDATE accounts SET balance = balance - 1 WHERE kind IN ('merchant');
       UPDATE accounts SET balance = balance + 1 WHERE kind IN ('bank')`,
    ],
    [
      'ledger: no balance but the bank’s is negative',
      'payment',
      `ALTER TABLE accounts DROP CONSTRAINT balance_not_negative;
       UPDATE accounts SET balance = -1 WHERE account_id = 'cust-linus/available/EUR'`,
      `UPDATE accounts SET balance = 0 WHERE account_id = 'cust-linus/available/EUR';
       ALTER TABLE accounts ADD CONSTRAINT balance_not_negative CHECK (kind = 'bank' OR balance >= 0)`,
    ],
    [
      'payment: held money is what authorisations hold',
      'payment',
      `UPDATE authorisations SET state = 'HELD' WHERE ${undone}`,
      `UPDATE authorisations SET state = 'VOIDED' WHERE ${undone}`,
    ],
    [
      'payment: captured minus refunded is nothing or the total',
      'payment',
      `UPDATE authorisations SET state = 'REFUNDED' WHERE ${completed}`,
      `UPDATE authorisations SET state = 'CAPTURED' WHERE ${completed}`,
    ],
    [
      'stock: on hand + reserved + shipped is what was received, none negative',
      'inventory',
      `ALTER TABLE stock DROP CONSTRAINT stock_conserved;
       UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'sku-pen'`,
      `UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'sku-pen';
       ALTER TABLE stock ADD CONSTRAINT stock_conserved CHECK (on_hand + reserved + shipped = received)`,
    ],
    [
      'stock: reserved and shipped are what reservations say',
      'inventory',
      `UPDATE reservation_lines SET quantity = quantity + 1
       WHERE reservation_id = (SELECT reservation_id FROM reservations WHERE ${completed})`,
      `UPDATE reservation_lines SET quantity = quantity - 1
       WHERE reservation_id = (SELECT reservation_id FROM reservations WHERE ${completed})`,
    ],
    [
      'sagas: nothing is held for an ended saga',
      'shipping',
      `UPDATE shipments SET state = 'BOOKED' WHERE order_id = 'cancelled'`,
      `UPDATE shipments SET state = 'CANCELLED' WHERE order_id = 'cancelled'`,
    ],
    [
      'sagas: an ended saga left everything or nothing',
      'shipping',
      `UPDATE shipments SET state = 'RETURNED' WHERE ${completed}`,
      `UPDATE shipments SET state = 'DISPATCHED' WHERE ${completed}`,
    ],
    [
      'sagas: the answer is what the databases say',
      'order',
      `UPDATE orders SET reason = 'OUT_OF_STOCK' WHERE ${undone}`,
      `UPDATE orders SET reason = 'UNDELIVERABLE' WHERE ${undone}`,
    ],
  ];

  test.each(corruptions)('%s', async (invariant, service, corrupt, restore) => {
    await pastTheTriggers(service, corrupt);
    const report = await checkInvariants(shop.urls, sagas);
    await pastTheTriggers(service, restore);
    const found = report.find(({ name }) => name === invariant);
    expect(found?.holds).toBe(false);
    expect(found?.violations).not.toEqual([]);
    expect(found?.checked).toBeGreaterThan(0);
    expect(broken(await checkInvariants(shop.urls, sagas))).toEqual([]);
  });

  test('every invariant is among them', async () => {
    const names = (await checkInvariants(shop.urls, [])).map(({ name }) => name);
    expect(corruptions.map(([name]) => name)).toEqual(names);
  });

  test.each<[string, Partial<EndedSaga>]>([
    ['completed', { ended: 'compensated', reason: 'CARD_DECLINED' }],
    ['undone', { ended: 'completed' }],
    ['undone', { ended: 'cancelled' }],
    ['undone', { orderId: 'another-order' }],
    ['cancelled', { ended: 'compensated', reason: 'UNDELIVERABLE' }],
  ])('a wrong answer for the order %s: %j', async (orderId, wrong) => {
    const told = sagas.filter((saga) => saga.orderId === orderId).map((saga) => ({ ...saga, ...wrong }));
    const report = await checkInvariants(shop.urls, told);
    expect(broken(report)).toEqual([expect.stringContaining('the answer is what the databases say')]);
  });

  async function pastTheTriggers(service: ServiceName, sql: string): Promise<void> {
    const client = new Client({ connectionString: shop.urls[service] });
    await client.connect();
    try {
      await client.query(`SET session_replication_role = replica; ${sql}`);
    } finally {
      await client.end();
    }
  }
});
