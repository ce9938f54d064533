import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { OrderLine } from '../../services/order/contract';
import type { Shop } from './shop';
import { callOf, openShop, perform } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop('inventory');
});
afterAll(() => shop.close());

const reserve = (orderId: string, lines: OrderLine[]) =>
  perform(shop.reserveStock, { orderId, lines }, callOf(orderId, 'reserve', 'do'));
const release = (orderId: string, lines: OrderLine[]) =>
  perform(shop.releaseStock, { input: { orderId, lines } }, callOf(orderId, 'reserve', 'undo'));
const ship = (orderId: string, reservationId: string) =>
  perform(shop.shipStock, { orderId, reservationId }, callOf(orderId, 'ship', 'do'));

/** On hand, reserved and shipped. */
async function stockOf(sku: string): Promise<[number, number, number]> {
  const [row] = await shop.databases.inventory.query<{ stock: [number, number, number] }>(
    'SELECT ARRAY[on_hand, reserved, shipped] AS stock FROM stock WHERE sku = $1',
    [sku],
  );
  return row?.stock ?? [0, 0, 0];
}

describe('stock moves', () => {
  test('reserve: on hand → reserved; release: back', async () => {
    const lines = [{ sku: 'sku-tea', quantity: 3 }];
    await reserve('release', lines);
    expect(await stockOf('sku-tea')).toEqual([99_997, 3, 0]);
    await release('release', lines);
    expect(await stockOf('sku-tea')).toEqual([100_000, 0, 0]);
  });

  test('ship: reserved → shipped; reversing a completed order brings it back', async () => {
    const lines = [{ sku: 'sku-mug', quantity: 2 }];
    const { reservationId } = await reserve('ship', lines);
    expect(await ship('ship', reservationId)).toMatchObject({ reservationId });
    expect(await stockOf('sku-mug')).toEqual([99_998, 0, 2]);
    await release('ship', lines);
    expect(await stockOf('sku-mug')).toEqual([100_000, 0, 0]);
  });

  test('orders that want the same products in other orders do not deadlock', async () => {
    const lines = ['sku-pen', 'sku-bike', 'sku-kettle'].map((sku) => ({ sku, quantity: 1 }));
    const orders = Array.from({ length: 24 }, (_, i) =>
      reserve(`crowd-${i}`, i % 2 ? lines : lines.toReversed()),
    );
    await Promise.all(orders);
    expect(await stockOf('sku-pen')).toEqual([99_976, 24, 0]);
  });

  test('the last piece goes to one of two orders', async () => {
    await shop.databases.inventory.query(
      `UPDATE stock SET on_hand = 1, received = 1 WHERE sku = 'sku-moonlamp'`,
    );
    const line = [{ sku: 'sku-moonlamp', quantity: 1 }];
    const answers = await Promise.allSettled([reserve('last-1', line), reserve('last-2', line)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await stockOf('sku-moonlamp')).toEqual([0, 1, 0]);
  });
});

describe('refusals and errors', () => {
  test('OUT_OF_STOCK names what is short, and nothing of the order is reserved', async () => {
    const refused = reserve('short', [
      { sku: 'sku-scarf', quantity: 1 },
      { sku: 'sku-laptop', quantity: 1 },
      { sku: 'sku-nowhere', quantity: 1 },
    ]);
    await expect(refused).rejects.toMatchObject({
      type: 'OUT_OF_STOCK',
      message: expect.stringMatching(/of sku-nowhere$/),
    });
    expect(await stockOf('sku-scarf')).toEqual([100_000, 0, 0]);
  });

  test('FORBIDDEN_TRANSITION: released stock is not shipped', async () => {
    const lines = [{ sku: 'sku-candle', quantity: 1 }];
    const { reservationId } = await reserve('released', lines);
    await release('released', lines);
    const late = ship('released', reservationId);
    await expect(late).rejects.toMatchObject({ type: 'FORBIDDEN_TRANSITION', nonRetryable: true });
    expect(await stockOf('sku-candle')).toEqual([100_000, 0, 0]);
  });
});

test('a product twice in one reservation', async () => {
  const twice = [
    { sku: 'sku-notebook', quantity: 1 },
    { sku: 'sku-notebook', quantity: 1 },
  ];
  await expect(reserve('twice', twice)).rejects.toMatchObject({
    type: 'INVALID_INPUT',
    nonRetryable: true,
  });
  expect(await stockOf('sku-notebook')).toEqual([100_000, 0, 0]);
});

describe('the database refuses, whoever writes', () => {
  test.each([
    ['stock that appears', 'UPDATE stock SET on_hand = on_hand + 1', 'stock_conserved'],
    [
      'a negative number',
      `UPDATE stock SET on_hand = -1, reserved = received + 1 - shipped WHERE sku = 'sku-pen'`,
      'stock_on_hand_check',
    ],
  ])('%s', async (_, sql, constraint) => {
    await expect(shop.databases.inventory.query(sql)).rejects.toMatchObject({ code: '23514', constraint });
  });
});
