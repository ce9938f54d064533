import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { checkInvariants, type EndedSaga } from '../../services/invariants';
import { fulfilment } from '../../services/order/fulfilment';
import { orderOf, type Shop } from '../services/shop';
import { until } from '../support/until';
import { openShopSystem, type ShopSystem } from './shop-system';

/** A capture that the test holds back, as if the network did. */
const late = {
  reached: false,
  go: (): void => undefined,
  ended: undefined as Promise<unknown> | undefined,
};
const released = new Promise<void>((resolve) => (late.go = resolve));

function holdingBack(shop: Shop): Partial<Shop> {
  return {
    capturePayment: async (input, call) => {
      if (call.sagaId !== 'order-hanging') return await shop.capturePayment(input, call);
      late.reached = true;
      await released;
      const attempt = shop.capturePayment(input, call);
      late.ended ??= attempt.catch((error: unknown) => error);
      return await attempt;
    },
  };
}

let system: ShopSystem;
beforeAll(async () => {
  system = await openShopSystem('rescue', undefined, holdingBack);
});
afterAll(() => system.close());

const ended: EndedSaga[] = [];

async function start(order: ReturnType<typeof orderOf>): Promise<string> {
  return (await system.client.start(fulfilment, order)).sagaId;
}

async function one(service: 'order' | 'payment' | 'inventory' | 'shipping', sql: string): Promise<unknown> {
  const client = new Client({ connectionString: system.shop.urls[service] });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** What is left of the customer's and the warehouse's belongings. */
const belongings = async () => [
  await one('payment', `SELECT account_id, balance FROM accounts WHERE kind <> 'bank' ORDER BY 1`),
  await one('inventory', `SELECT sku, on_hand, reserved FROM stock ORDER BY 1`),
];

describe('S13 an order that was ended is undone', () => {
  test('terminated while it waits for its review: rescued', async () => {
    const before = await belongings();
    const sagaId = await start(orderOf('killed', { lines: [{ sku: 'sku-laptop', quantity: 1 }] }));
    await until(`${sagaId} to wait for its review`, async () => {
      const { steps } = await system.client.report(sagaId);
      return steps.length === 3 && steps.every(({ state }) => state === 'succeeded');
    });
    await expect(system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_RUNNING' });
    await system.env.client.workflow.getHandle(sagaId).terminate('by the test');
    expect(await belongings()).not.toEqual(before);

    const { rescueId } = await system.client.rescue(sagaId);
    expect(await system.client.waitForClose(rescueId)).toMatchObject({
      kind: 'completed',
      result: { status: 'compensated', reason: { code: 'RESCUED' } },
    });
    expect(await belongings()).toEqual(before);
    expect(await system.client.outcome(sagaId)).toMatchObject({ kind: 'terminated' });
    ended.push({ orderId: 'killed', workflowId: sagaId, ended: 'compensated', reason: 'RESCUED' });
  });

  test('completed: reversed, the money refunded and the goods back', async () => {
    const before = await belongings();
    const sagaId = await start(orderOf('regretted'));
    expect(await system.client.waitForClose(sagaId)).toMatchObject({ kind: 'completed' });
    await expect(system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });
    expect(await belongings()).not.toEqual(before);

    const { rescueId } = await system.client.reverse(sagaId);
    expect(await system.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    expect((await system.client.report(rescueId)).steps[0]).toMatchObject({
      name: 'open-order',
      summary: 'open order regretted',
      compensation: { state: 'done' },
    });
    expect(await belongings()).toEqual(before);
    expect(await one('payment', `SELECT state FROM authorisations WHERE saga_id = '${sagaId}'`)).toEqual([
      { state: 'REFUNDED' },
    ]);
    expect(await one('order', `SELECT status, reason FROM orders WHERE saga_id = '${sagaId}'`)).toEqual([
      { status: 'CANCELLED', reason: 'REVERSED' },
    ]);
    expect(await one('shipping', `SELECT state FROM shipments WHERE saga_id = '${sagaId}'`)).toEqual([
      { state: 'RETURNED' },
    ]);
    ended.push({ orderId: 'regretted', workflowId: sagaId, ended: 'compensated', reason: 'REVERSED' });
  });

  test('terminated while its capture hangs: not rescued, but reversed; the capture comes too late', async () => {
    const before = await belongings();
    const sagaId = await start(orderOf('hanging'));
    await until('the capture has begun', () => late.reached);
    await system.env.client.workflow.getHandle(sagaId).terminate('by the test');
    await expect(system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'PIVOT_PASSED' });

    const { rescueId } = await system.client.reverse(sagaId);
    expect(await system.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    late.go();
    await until('the capture has been answered', () => late.ended !== undefined);
    expect(await late.ended).toMatchObject({ type: 'ACTION_BLOCKED' });
    expect(await belongings()).toEqual(before);
    ended.push({ orderId: 'hanging', workflowId: sagaId, ended: 'compensated', reason: 'REVERSED' });
  });
});

test('at the end all invariants hold, and each order is all undone', async () => {
  const report = await checkInvariants(system.shop.urls, ended);
  expect(report.filter(({ holds }) => !holds)).toEqual([]);
  expect(ended).toHaveLength(3);
});
