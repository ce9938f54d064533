import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SagaClient } from '../../src/client';
import { abandonSaga, awaitMilestone, retryStep, type SagaStatus } from '../../src/saga';
import { ACCEPTED, fulfilment, reviewOrder } from '../../services/order/fulfilment';
import { recordHistory } from '../replay/record-history';
import { orderOf } from '../services/shop';
import { until } from '../support/until';
import { Faults } from './faults';
import { openShopSystem, type ShopSystem } from './shop-system';

/** An order in each phase of a saga. Their histories, as they stand in that phase, are stored for `test/replay`. */

const faults = new Faults();
let system: ShopSystem;
beforeAll(async () => {
  system = await openShopSystem('phases', undefined, (shop) => faults.wrap(shop));
});
afterAll(async () => {
  faults.releaseAll();
  await system.close();
});

const record = (sagaId: string, name: string) => recordHistory(system.env, sagaId, name);
const undeliverable = { shipTo: { country: 'AQ', postalCode: '00' } };

async function stands(sagaId: string, as: SagaStatus): Promise<void> {
  await until(`${sagaId} to be ${as}`, async () => (await system.client.report(sagaId)).status === as);
}

test('unwinding: a compensation is on its way', async () => {
  faults.at('order-unwinding', 'undo authorise-payment', 'held');
  const { sagaId } = await system.client.start(fulfilment, orderOf('unwinding', undeliverable));
  await faults.arrived(sagaId, 'undo authorise-payment');
  await stands(sagaId, 'unwinding');
  record(sagaId, 'unwinding');
  faults.release(sagaId, 'undo authorise-payment');
  expect(await system.client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated' });
});

test('stuck: a compensation cannot work; the desk has it tried again', async () => {
  faults.at('order-stuck', 'undo reserve-stock', 'broken');
  const { sagaId } = await system.client.start(fulfilment, orderOf('stuck', undeliverable));
  await stands(sagaId, 'stuck');
  record(sagaId, 'stuck');
  const decision = { step: 'reserve-stock', actor: 'grace', reason: 'the shelf stands again' };
  await system.client.update(sagaId, retryStep, decision);
  expect(await system.client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated' });
  record(sagaId, 'compensated-after-desk');
});

test('S8 cancelled at its review, and not closed yet: who asks or decides then is told the truth', async () => {
  faults.at('order-late', 'undo reserve-stock', 'held');
  const lines = [{ sku: 'sku-laptop', quantity: 1 }];
  const { sagaId } = await system.client.start(fulfilment, orderOf('late', { lines }));
  await until(`${sagaId} to wait for its review`, async () => {
    const { steps } = await system.client.report(sagaId);
    return steps.length === 3 && steps.every(({ state }) => state === 'succeeded');
  });
  expect(await system.client.update(sagaId, awaitMilestone, ACCEPTED)).toMatchObject({ kind: 'reached' });
  await system.client.cancel(sagaId);
  await faults.arrived(sagaId, 'undo reserve-stock');

  const signature = { actor: 'grace', reason: 'too late' };
  const refusedAs = (code: string) => ({ code: 'UPDATE_REFUSED', message: expect.stringContaining(code) });
  await expect(
    system.client.update(sagaId, reviewOrder, { decision: 'approve', actor: 'grace' }),
  ).rejects.toMatchObject(refusedAs('REVIEW_NOT_PENDING'));
  await expect(system.client.update(sagaId, abandonSaga, signature)).rejects.toMatchObject(
    refusedAs('DESK_NOT_POSSIBLE'),
  );
  await expect(
    system.client.update(sagaId, retryStep, { ...signature, step: 'reserve-stock' }),
  ).rejects.toMatchObject(refusedAs('DESK_NOT_STUCK'));
  expect(await system.client.update(sagaId, awaitMilestone, ACCEPTED)).toMatchObject({
    kind: 'refused',
    reason: { code: 'CANCELLED' },
  });
  await system.client.cancel(sagaId);

  faults.release(sagaId, 'undo reserve-stock');
  expect(await system.client.waitForClose(sagaId)).toEqual({ kind: 'cancelled' });
});

test('after the pivot: a cancel comes too late', async () => {
  faults.at('order-paid', 'do dispatch-shipment', 'held');
  const { sagaId } = await system.client.start(fulfilment, orderOf('paid'));
  await faults.arrived(sagaId, 'do dispatch-shipment');
  await system.client.cancel(sagaId);
  await until('the cancel to be declined', async () => {
    return (await system.client.report(sagaId)).cancel?.effect === 'declined';
  });
  record(sagaId, 'after-pivot');
  faults.release(sagaId, 'do dispatch-shipment');
  expect(await system.client.waitForClose(sagaId)).toMatchObject({ kind: 'completed' });
});

test('rescued, and reversed', async () => {
  faults.at('order-ended', 'do book-shipment', 'held');
  const { sagaId } = await system.client.start(fulfilment, orderOf('ended'));
  await faults.arrived(sagaId, 'do book-shipment');
  await system.env.client.workflow.getHandle(sagaId).terminate('the test ends it');
  const { rescueId } = await system.client.rescue(sagaId);
  expect(await system.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
  record(rescueId, 'rescued');

  const bought = await system.client.start(fulfilment, orderOf('returned'));
  await system.client.waitForClose(bought.sagaId);
  const reverse = await system.client.reverse(bought.sagaId);
  expect(await system.client.waitForClose(reverse.rescueId)).toMatchObject({ kind: 'completed' });
  record(reverse.rescueId, 'reversed');
});

test('express: one that goes well, and one that unwinds', async () => {
  const client = new SagaClient(system.env.client, { placements: { [fulfilment.workflow]: 'express' } });
  const good = await client.start(fulfilment, orderOf('express'));
  expect(await client.waitForClose(good.sagaId)).toMatchObject({ kind: 'completed' });
  record(good.sagaId, 'express-completed');
  const bad = await client.start(fulfilment, orderOf('express-bad', undeliverable));
  expect(await client.waitForClose(bad.sagaId)).toMatchObject({ kind: 'compensated' });
  record(bad.sagaId, 'express-compensated');
});
