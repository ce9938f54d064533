import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SagaReport } from '../../src/saga';
import { checkInvariants, type EndedSaga } from '../../services/invariants';
import type { OrderRequest } from '../../services/order/contract';
import { ACCEPTED, fulfilment, type OrderReceipt, reviewOrder } from '../../services/order/fulfilment';
import { recordHistory } from '../replay/record-history';
import { orderOf } from '../services/shop';
import { until } from '../support/until';
import { openShopSystem, type ShopSystem } from './shop-system';

let system: ShopSystem;
beforeAll(async () => {
  system = await openShopSystem('orders');
});
afterAll(() => system.close());

const ended: EndedSaga[] = [];

function remember(orderId: string, kind: EndedSaga['ended'], reason?: string): void {
  ended.push({
    orderId,
    workflowId: `order-${orderId}`,
    ended: kind,
    ...(reason !== undefined && { reason }),
  });
}

const record = (orderId: string, name: string) => recordHistory(system.env, `order-${orderId}`, name);

const large = { lines: [{ sku: 'sku-laptop', quantity: 1 }] };

async function waitsForReview(sagaId: string): Promise<void> {
  await until(`${sagaId} to wait for its review`, async () => {
    const { steps } = await system.client.report(sagaId);
    return steps.length === 3 && steps.every(({ state }) => state === 'succeeded');
  });
}

const states = (report: SagaReport) =>
  Object.fromEntries(report.steps.map(({ name, state }) => [name, state]));

describe('an order goes through', () => {
  test('each step succeeds, and the receipt says what the databases say', async () => {
    const { sagaId } = await system.client.start(fulfilment, orderOf('good'));
    const outcome = await system.client.waitForClose<OrderReceipt>(sagaId);
    expect(outcome).toMatchObject({
      kind: 'completed',
      result: { orderId: 'good', total: { currency: 'EUR' } },
    });
    expect(states(await system.client.report(sagaId))).toEqual({
      'open-order': 'succeeded',
      'reserve-stock': 'succeeded',
      'authorise-payment': 'succeeded',
      'book-shipment': 'succeeded',
      'capture-payment': 'succeeded',
      'dispatch-shipment': 'succeeded',
      'ship-stock': 'succeeded',
      'confirm-order': 'succeeded',
    });
    record('good', 'completed');
    remember('good', 'completed');
  });

  test('the customer is told that it is accepted while it waits for its review', async () => {
    const answer = await system.client.startUntil(fulfilment, orderOf('early', large), ACCEPTED);
    expect(answer).toMatchObject({
      kind: 'reached',
      value: { orderId: 'early', total: { currency: 'EUR' } },
    });
    await waitsForReview('order-early');
    await system.client.update('order-early', reviewOrder, { decision: 'approve', actor: 'grace' });
    await system.client.waitForClose('order-early');
    remember('early', 'completed');
  });

  test('a large order waits for its review, and goes on when it is approved', async () => {
    const { sagaId } = await system.client.start(fulfilment, orderOf('approved', large));
    await waitsForReview(sagaId);
    record('approved', 'forward');
    await system.client.update(sagaId, reviewOrder, { decision: 'approve', actor: 'grace' });
    expect(await system.client.waitForClose(sagaId)).toMatchObject({ kind: 'completed' });
    remember('approved', 'completed');
  });
});

describe('an order is refused, and everything is undone', () => {
  const cases: [string, string, Partial<OrderRequest>, Record<string, string>][] = [
    [
      'UNKNOWN_PRODUCT',
      'unknown',
      { lines: [{ sku: 'sku-none', quantity: 1 }] },
      { 'open-order': 'refused' },
    ],
    [
      'CARD_DECLINED',
      'blocked',
      { customerId: 'cust-ken', card: 'card-ken' },
      { 'authorise-payment': 'refused' },
    ],
    [
      'INSUFFICIENT_FUNDS',
      'empty',
      { customerId: 'cust-linus', card: 'card-linus' },
      { 'authorise-payment': 'refused' },
    ],
    [
      'OUT_OF_STOCK',
      'short',
      { lines: [{ sku: 'sku-moonlamp', quantity: 1 }] },
      { 'reserve-stock': 'refused' },
    ],
    ['UNDELIVERABLE', 'far', { shipTo: { country: 'AQ', postalCode: '00' } }, { 'book-shipment': 'refused' }],
  ];
  test.each(cases)('%s', async (code, orderId, changed, refused) => {
    const { sagaId } = await system.client.start(fulfilment, orderOf(orderId, changed));
    const outcome = await system.client.waitForClose(sagaId);
    expect(outcome).toMatchObject({ kind: 'compensated', reason: { code } });
    const { steps } = await system.client.report(sagaId);
    expect(Object.fromEntries(steps.map(({ name, state }) => [name, state]))).toMatchObject(refused);
    expect(steps.every(({ state }) => state === 'compensated' || state === 'refused')).toBe(true);
    record(orderId, `compensated-${code}`);
    remember(orderId, 'compensated', code);
  });

  test('REVIEW_DECLINED', async () => {
    const { sagaId } = await system.client.start(fulfilment, orderOf('declined', large));
    await waitsForReview(sagaId);
    await system.client.update(sagaId, reviewOrder, {
      decision: 'decline',
      actor: 'grace',
      note: 'too large',
    });
    expect(await system.client.waitForClose(sagaId)).toMatchObject({
      kind: 'compensated',
      reason: { code: 'REVIEW_DECLINED', message: 'declined by grace: too large' },
    });
    remember('declined', 'compensated', 'REVIEW_DECLINED');
  });

  test('cancelled by the customer while it waits for its review', async () => {
    const { sagaId } = await system.client.start(fulfilment, orderOf('cancelled', large));
    await waitsForReview(sagaId);
    await system.client.cancel(sagaId);
    expect(await system.client.waitForClose(sagaId)).toEqual({ kind: 'cancelled' });
    expect(states(await system.client.report(sagaId))).toEqual({
      'open-order': 'compensated',
      'reserve-stock': 'compensated',
      'authorise-payment': 'compensated',
    });
    await expect(system.client.cancel(sagaId)).rejects.toMatchObject({ code: 'SAGA_ENDED' });
    record('cancelled', 'cancelled');
    remember('cancelled', 'cancelled', 'CANCELLED');
  });

  test('what no boundary should have let in is undone too, though the services cannot read it', async () => {
    const broken = { ...orderOf('broken'), lines: 'none' } as unknown as OrderRequest;
    const handle = await system.env.client.workflow.start('fulfilOrder', {
      workflowId: 'order-broken',
      taskQueue: fulfilment.taskQueue,
      args: [broken],
    });
    await handle.result().catch(() => undefined);
    expect(await system.client.outcome('order-broken')).toMatchObject({
      kind: 'compensated',
      reason: { code: 'STEP_UNKNOWN', message: expect.stringContaining('INVALID_INPUT') },
    });
    remember('broken', 'compensated', 'STEP_UNKNOWN');
  });
});

describe('an update is checked before it is accepted', () => {
  test('a review that nobody waits for, of an unknown decision, or by nobody', async () => {
    const { sagaId } = await system.client.start(fulfilment, orderOf('picky', large));
    await waitsForReview(sagaId);
    const review = (decided: object) => system.client.update(sagaId, reviewOrder, decided as never);
    await expect(review({ decision: 'maybe', actor: 'grace' })).rejects.toMatchObject({
      code: 'UPDATE_REFUSED',
      message: expect.stringContaining('REVIEW_INVALID'),
    });
    await expect(review({ decision: 'approve', actor: ' ' })).rejects.toMatchObject({
      code: 'UPDATE_REFUSED',
    });
    await review({ decision: 'approve', actor: 'grace' });
    await system.client.waitForClose(sagaId);
    await expect(review({ decision: 'decline', actor: 'grace' })).rejects.toMatchObject({
      code: 'SAGA_ENDED',
    });
    remember('picky', 'completed');
  });
});

describe('B6 a saga id is used once', () => {
  test('the same order started twice, also after its end, runs once', async () => {
    const order = orderOf('once');
    const [first, second] = await Promise.all([
      system.client.start(fulfilment, order),
      system.client.start(fulfilment, { ...order }),
    ]);
    expect(first.started).not.toBe(second.started);
    expect(first.runId).toBe(second.runId);
    await system.client.waitForClose(first.sagaId);
    expect(await system.client.start(fulfilment, order)).toEqual({ ...first, started: false });
    remember('once', 'completed');
  });

  test('another order under the same id is refused', async () => {
    const other = orderOf('once', { lines: [{ sku: 'sku-pen', quantity: 1 }] });
    await expect(system.client.start(fulfilment, other)).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
  });
});

test('the client lists the sagas of orders, by their status and customer', async () => {
  await until('visibility has them all', async () => {
    const listed: string[] = [];
    for await (const saga of system.client.list({ workflow: fulfilment.workflow })) listed.push(saga.sagaId);
    return ended.every(({ workflowId }) => listed.includes(workflowId));
  });
  const compensated = [];
  for await (const saga of system.client.list({
    workflow: fulfilment.workflow,
    where: "SagaStatus = 'COMPENSATED' AND CustomerId = 'cust-ken'",
  })) {
    compensated.push(saga);
  }
  expect(compensated).toMatchObject([
    { sagaId: 'order-blocked', execution: 'FAILED', reason: 'CARD_DECLINED' },
  ]);
  await expect(system.client.report('order-none')).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
});

test('at the end all invariants hold, and what each saga answered is what the databases say', async () => {
  const report = await checkInvariants(system.shop.urls, ended);
  expect(report.filter(({ holds }) => !holds)).toEqual([]);
  expect(ended).toHaveLength(13);
});
