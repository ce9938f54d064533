import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { OrderRequest } from '../../services/order/contract';
import { orderOf } from '../services/shop';
import { until } from '../support/until';
import { members, Troupe } from './troupe';

let troupe: Troupe;
beforeAll(async () => {
  troupe = await Troupe.open('choreographed');
  await troupe.start(...members);
});
afterEach(() => troupe.expectAllWell());
afterAll(() => troupe.close());

const large = { lines: [{ sku: 'sku-laptop', quantity: 1 }] };

async function received(orderId: string, type: string): Promise<boolean> {
  const sql = 'SELECT FROM received_events WHERE (order_id, type) = ($1, $2)';
  return (await troupe.query('order', sql, [orderId, type])).length === 1;
}

async function placeLarge(orderId: string): Promise<void> {
  await troupe.desk.place(orderOf(orderId, large));
  await until(`${orderId} to wait for its review`, () => received(orderId, 'ReviewAwaited'));
}

describe('an order', () => {
  test('goes through', async () => {
    await troupe.desk.place(orderOf('good'));
    expect(await troupe.desk.ended('good')).toMatchObject({ ended: 'completed' });
  });

  test('that is placed twice is one order', async () => {
    const [first, second] = await Promise.all([
      troupe.desk.place(orderOf('twice')),
      troupe.desk.place(orderOf('twice')),
    ]);
    expect(first).toEqual(second);
    expect(await troupe.desk.ended('twice')).toMatchObject({ ended: 'completed' });
  });

  const refusals: [reason: string, change: Partial<OrderRequest>][] = [
    ['OUT_OF_STOCK', { lines: [{ sku: 'sku-moonlamp', quantity: 1 }] }],
    ['CARD_DECLINED', { customerId: 'cust-ken', card: 'card-ken' }],
    ['INSUFFICIENT_FUNDS', { customerId: 'cust-linus', card: 'card-linus' }],
    ['UNDELIVERABLE', { shipTo: { country: 'AQ', postalCode: '00' } }],
  ];
  test.each(refusals)('that is refused with %s is undone', async (reason, change) => {
    await troupe.desk.place(orderOf(reason, change));
    expect(await troupe.desk.ended(reason)).toMatchObject({ ended: 'compensated', reason });
  });

  test('that cannot be opened leaves nothing', async () => {
    const order = orderOf('unknown', { lines: [{ sku: 'sku-none', quantity: 1 }] });
    await expect(troupe.desk.place(order)).rejects.toMatchObject({ code: 'UNKNOWN_PRODUCT' });
    const reason = 'UNKNOWN_PRODUCT';
    expect(await troupe.desk.ended('unknown')).toMatchObject({ ended: 'compensated', reason });
  });

  test('whose authorisation expires before the capture is undone', async () => {
    await placeLarge('expired');
    await troupe.query('payment', `UPDATE authorisations SET expires_at = now() WHERE order_id = 'expired'`);
    await troupe.desk.review('expired', { decision: 'approve', actor: 'jo' });
    const reason = 'AUTHORISATION_EXPIRED';
    expect(await troupe.desk.ended('expired')).toMatchObject({ ended: 'compensated', reason });
  });
});

describe('a large order', () => {
  test('that is approved goes through, and cannot be reviewed again', async () => {
    await placeLarge('approved');
    await troupe.desk.review('approved', { decision: 'approve', actor: 'jo' });
    expect(await troupe.desk.ended('approved')).toMatchObject({ ended: 'completed' });
    const again = troupe.desk.review('approved', { decision: 'decline', actor: 'jo' });
    await expect(again).rejects.toThrow('REVIEW_NOT_PENDING');
  });

  test('that is declined is undone', async () => {
    await placeLarge('declined');
    await troupe.desk.review('declined', { decision: 'decline', actor: 'jo' });
    expect(await troupe.desk.ended('declined')).toMatchObject({ reason: 'REVIEW_DECLINED' });
  });

  test('that nobody reviews in time is undone', async () => {
    await placeLarge('overdue');
    await troupe.reschedule('order', 'ReviewOverdue', 'overdue', '0');
    expect(await troupe.desk.ended('overdue')).toMatchObject({ reason: 'REVIEW_TIMED_OUT' });
  });

  test('that waits for no review cannot be reviewed', async () => {
    const review = troupe.desk.review('good', { decision: 'approve', actor: 'jo' });
    await expect(review).rejects.toThrow('REVIEW_NOT_PENDING');
  });
});

describe('a cancel', () => {
  test('before the capture undoes the order', async () => {
    await placeLarge('cancelled');
    await troupe.desk.cancel('cancelled');
    expect(await troupe.desk.ended('cancelled')).toMatchObject({ ended: 'cancelled' });
  });

  test('after the capture is too late', async () => {
    await troupe.desk.place(orderOf('too-late'));
    await until('the capture', async () => {
      const sql = `SELECT FROM authorisations WHERE order_id = 'too-late' AND state = 'CAPTURED'`;
      return (await troupe.query('payment', sql)).length === 1;
    });
    await troupe.desk.cancel('too-late');
    expect(await troupe.desk.ended('too-late')).toMatchObject({ ended: 'completed' });
    await until('the answer to the cancel', () => received('too-late', 'CancelTooLate'));
  });

  test('that races the capture, or a refusal, ends one way or the other', async () => {
    const away = { shipTo: { country: 'AQ', postalCode: '00' } };
    const orders = Array.from({ length: 12 }, (_, at) => orderOf(`race-${at}`, at % 3 === 0 ? away : {}));
    const ended = await Promise.all(
      orders.map(async ({ orderId }, at) => {
        await troupe.desk.place(orders[at] ?? orderOf(orderId));
        // Each one at another moment: after as many round trips as its number.
        for (let left = at; left > 0; left -= 1) await troupe.query('order', 'SELECT 1');
        await troupe.desk.cancel(orderId);
        return await troupe.desk.ended(orderId);
      }),
    );
    expect(ended).toHaveLength(12);
  });

  test('of an order that is not there is refused', async () => {
    await expect(troupe.desk.cancel('nobodys')).rejects.toThrow('There is no order nobodys');
  });
});

test('every event that is delivered again changes nothing', async () => {
  const kinds = { again: {}, 'again-refused': { shipTo: { country: 'AQ', postalCode: '00' } } };
  for (const [orderId, change] of Object.entries(kinds)) {
    await troupe.desk.place(orderOf(orderId, change));
    await troupe.desk.ended(orderId);
  }
  await troupe.untilIdle();
  const before = await troupe.contents();
  const seen = troupe.seen.filter(({ event }) => Object.hasOwn(kinds, event.orderId));
  expect(new Set(seen.map(({ event }) => event.type)).size).toBe(12);
  for (const { to, event } of seen) {
    await troupe.deliver(to, event);
    await troupe.deliver(to, event);
  }
  await troupe.untilIdle();
  expect(await troupe.contents()).toEqual(before);
});
