import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Shop } from './shop';
import { callOf, openShop, orderOf, perform } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop('order');
});
afterAll(() => shop.close());

const open = (orderId: string, changed = {}, sagaId = orderId) =>
  perform(shop.openOrder, orderOf(orderId, changed), callOf(sagaId, 'open', 'do'));
const close = (orderId: string, reason?: string) =>
  perform(shop.closeOrder, { input: orderOf(orderId) }, callOf(orderId, 'open', 'undo', reason));
const confirm = (orderId: string) =>
  perform(shop.confirmOrder, { orderId }, callOf(orderId, 'confirm', 'do'));

async function historyOf(orderId: string): Promise<string[]> {
  const rows = await shop.databases.order.query<{ entry: string }>(
    `SELECT concat_ws(' ', status, reason) AS entry FROM order_history WHERE order_id = $1 ORDER BY id`,
    [orderId],
  );
  return rows.map(({ entry }) => entry);
}

describe('opening', () => {
  test('prices come from the catalogue', async () => {
    expect(await open('priced')).toEqual({
      orderId: 'priced',
      total: { amount: 2 * 450 + 1200, currency: 'EUR' },
      lines: [
        { sku: 'sku-tea', quantity: 2, unitPrice: { amount: 450, currency: 'EUR' } },
        { sku: 'sku-mug', quantity: 1, unitPrice: { amount: 1200, currency: 'EUR' } },
      ],
    });
    expect(await historyOf('priced')).toEqual(['PENDING']);
  });

  test('UNKNOWN_PRODUCT names the product', async () => {
    const refused = open('unknown', { lines: [{ sku: 'sku-unicorn', quantity: 1 }] });
    await expect(refused).rejects.toMatchObject({
      type: 'UNKNOWN_PRODUCT',
      message: expect.stringContaining('sku-unicorn'),
    });
  });

  test('MIXED_CURRENCIES: an order has one currency', async () => {
    await shop.databases.order.query(`INSERT INTO catalogue VALUES ('sku-gbp', 'Shortbread', 300, 'GBP')`);
    const lines = ['sku-tea', 'sku-gbp'].map((sku) => ({ sku, quantity: 1 }));
    await expect(open('mixed', { lines })).rejects.toMatchObject({ type: 'MIXED_CURRENCIES' });
  });

  test('ORDER_EXISTS when another saga has used the order id', async () => {
    await open('taken');
    await expect(open('taken', {}, 'another-saga')).rejects.toMatchObject({ type: 'ORDER_EXISTS' });
    expect(await historyOf('taken')).toEqual(['PENDING']);
  });
});

describe('transitions', () => {
  test('PENDING → CONFIRMED', async () => {
    await open('confirmed');
    expect(await confirm('confirmed')).toMatchObject({ orderId: 'confirmed' });
    expect(await historyOf('confirmed')).toEqual(['PENDING', 'CONFIRMED']);
  });

  test('PENDING → REJECTED with the reason of the unwinding', async () => {
    await open('rejected');
    await close('rejected', 'CARD_DECLINED');
    expect(await historyOf('rejected')).toEqual(['PENDING', 'REJECTED CARD_DECLINED']);
  });

  test('PENDING → CANCELLED when the customer cancelled', async () => {
    await open('cancelled');
    await close('cancelled', 'CANCELLED');
    expect(await historyOf('cancelled')).toEqual(['PENDING', 'CANCELLED CANCELLED']);
  });

  test('CONFIRMED → CANCELLED when a completed order is reversed, the reason kept', async () => {
    await open('reversed');
    await confirm('reversed');
    await close('reversed', 'REVERSED');
    expect(await historyOf('reversed')).toEqual(['PENDING', 'CONFIRMED', 'CANCELLED REVERSED']);
  });

  test('FORBIDDEN_TRANSITION: an ended order is not confirmed', async () => {
    await open('ended');
    await close('ended', 'OUT_OF_STOCK');
    const failure = { type: 'FORBIDDEN_TRANSITION', nonRetryable: true };
    await expect(confirm('ended')).rejects.toMatchObject(failure);
    expect(await historyOf('ended')).toEqual(['PENDING', 'REJECTED OUT_OF_STOCK']);
  });
});

describe('the database refuses, whoever writes', () => {
  const write = (sql: string) => shop.databases.order.query(sql);
  const violation = { code: '23514' };

  test('a transition that is none', async () => {
    await open('guarded');
    await close('guarded', 'OUT_OF_STOCK');
    const back = write(`UPDATE orders SET status = 'PENDING', reason = NULL WHERE order_id = 'guarded'`);
    await expect(back).rejects.toMatchObject({ ...violation, constraint: 'orders_transition' });
  });

  test('a rejection without a reason, a negative quantity, a price of nothing', async () => {
    await open('checked');
    await expect(
      write(`UPDATE orders SET status = 'REJECTED' WHERE order_id = 'checked'`),
    ).rejects.toMatchObject(violation);
    await expect(
      write(`UPDATE order_lines SET quantity = -1 WHERE order_id = 'checked'`),
    ).rejects.toMatchObject(violation);
    await expect(write(`UPDATE catalogue SET unit_price = 0`)).rejects.toMatchObject(violation);
  });
});
