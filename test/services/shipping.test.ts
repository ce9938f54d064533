import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Shop } from './shop';
import { callOf, openShop, perform } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop('shipping');
});
afterAll(() => shop.close());

const inputOf = (orderId: string, country = 'DE') => ({
  orderId,
  shipTo: { country, postalCode: '10115' },
  lines: [{ sku: 'sku-tea', quantity: 2 }],
});
const book = (orderId: string, country?: string) =>
  perform(shop.bookShipment, inputOf(orderId, country), callOf(orderId, 'book', 'do'));
const cancel = (orderId: string) =>
  perform(shop.cancelShipment, { input: inputOf(orderId) }, callOf(orderId, 'book', 'undo'));

async function stateOf(orderId: string): Promise<string | undefined> {
  const [row] = await shop.databases.shipping.query<{ state: string }>(
    'SELECT state FROM shipments WHERE order_id = $1',
    [orderId],
  );
  return row?.state;
}

test.each([
  ['DE', 'hermes'],
  ['FR', 'swift-post'],
  ['US', 'globe'],
])('to %s the cheapest carrier is %s', async (country, carrier) => {
  expect(await book(`to-${country}`, country)).toMatchObject({ carrier });
});

test('UNDELIVERABLE names the country that nobody serves', async () => {
  const refused = book('antarctica', 'AQ');
  await expect(refused).rejects.toMatchObject({
    type: 'UNDELIVERABLE',
    message: expect.stringContaining('AQ'),
  });
});

describe('transitions', () => {
  test('BOOKED → CANCELLED', async () => {
    await book('cancelled');
    await cancel('cancelled');
    expect(await stateOf('cancelled')).toBe('CANCELLED');
  });

  test('BOOKED → DISPATCHED; reversing a completed order → RETURNED', async () => {
    const shipment = await book('dispatched');
    await perform(shop.dispatchShipment, shipment, callOf('dispatched', 'dispatch', 'do'));
    expect(await stateOf('dispatched')).toBe('DISPATCHED');
    await cancel('dispatched');
    expect(await stateOf('dispatched')).toBe('RETURNED');
  });

  test('FORBIDDEN_TRANSITION: a cancelled shipment is not dispatched', async () => {
    const shipment = await book('late');
    await cancel('late');
    const late = perform(shop.dispatchShipment, shipment, callOf('late', 'dispatch', 'do'));
    await expect(late).rejects.toMatchObject({ type: 'FORBIDDEN_TRANSITION', nonRetryable: true });
    expect(await stateOf('late')).toBe('CANCELLED');
  });
});

test('the database refuses a carrier that does not serve the country, and a second dispatch', async () => {
  const { shipping } = shop.databases;
  await book('guarded');
  const wrong = shipping.query(`UPDATE shipments SET country = 'AU' WHERE order_id = 'guarded'`);
  await expect(wrong).rejects.toMatchObject({ code: '23503' });
  await shipping.query(
    `INSERT INTO shipments (order_id, saga_id, carrier, country, postal_code, price, currency)
     SELECT order_id, saga_id, carrier, country, postal_code, price, currency FROM shipments
     WHERE order_id = 'guarded'`,
  );
  const twice = shipping.query(`UPDATE shipments SET state = 'DISPATCHED' WHERE order_id = 'guarded'`);
  await expect(twice).rejects.toMatchObject({ constraint: 'one_dispatch_per_order' });
});
