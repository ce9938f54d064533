import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Finding } from '../../src/client';
import { resolveStep } from '../../src/saga';
import { fulfilment } from '../../services/order/fulfilment';
import { callOf, orderOf, perform } from '../services/shop';
import { until } from '../support/until';
import { AuditedShop, effects, large } from './audited-shop';

/** Audits of a shop: what is wrong with single sagas, and what is done about it. */
let shop: AuditedShop;
beforeAll(async () => {
  shop = await AuditedShop.open('audit');
});
afterAll(() => shop.close());

const held = ['inventory/reserve-stock', 'order/open-order', 'payment/authorise-payment'];

interface RescuedBefore {
  readonly sagaId: string;
  readonly rescueId: string;
  /** The effect that arrives after the rescue. */
  readonly late: string;
}

async function rescuedAgain({ sagaId, rescueId, late }: RescuedBefore): Promise<void> {
  await until(`${late} has its effect`, async () => (await shop.remaining(sagaId)).length === 1);
  const [finding] = await shop.audit({ rescue: true });
  expect(finding).toMatchObject({ sagaId, code: 'EFFECTS_REMAIN', advice: 'rescue', rescueId });
  expect(effects(finding)).toEqual([late]);
  await shop.client.waitForClose(rescueId);
  expect(await shop.remaining(sagaId)).toEqual([]);
  expect(await shop.audit()).toEqual([]);
}

test('the audit finds nothing where every saga is done, undone, or on its way', async () => {
  const ends = ['completed', 'compensated', 'completed', 'cancelled'];
  const good = await shop.start(orderOf('good'));
  const refused = await shop.start(orderOf('refused', { shipTo: { country: 'AQ', postalCode: '00' } }));
  const regretted = await shop.start(orderOf('regretted'));
  const cancelled = await shop.waiting('cancelled');
  await shop.waiting('running');
  await shop.client.cancel(cancelled);
  const kinds = [];
  for (const sagaId of [good, refused, regretted, cancelled])
    kinds.push((await shop.client.waitForClose(sagaId)).kind);
  expect(kinds).toEqual(ends);
  await shop.client.waitForClose((await shop.client.reverse(regretted)).rescueId);
  expect(await shop.remaining(good)).toHaveLength(8);
  expect(await shop.remaining(regretted)).toHaveLength(3);
  expect(await shop.audit()).toEqual([]);
  shop.ended.push({ orderId: 'good', workflowId: good, ended: 'completed' });
  shop.ended.push({ orderId: 'cancelled', workflowId: cancelled, ended: 'cancelled' });
  shop.undone('refused');
  shop.undone('regretted');
  await shop.client.cancel('order-running');
  await shop.client.waitForClose('order-running');
});

test('a saga whose workflow was deleted is found; a person has it rescued, from the records alone', async () => {
  const sagaId = await shop.waiting('deleted');
  await shop.deleteWorkflow(sagaId);
  const [finding, ...others] = await shop.audit({ pageSize: 2 });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ sagaId, code: 'GONE', advice: 'by-hand' });
  expect(effects(finding)).toEqual(held);
  expect(finding).not.toHaveProperty('rescueId');

  await expect(shop.system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  // It could be a saga without a pivot that had completed.
  const [left] = await shop.audit({ rescue: true });
  expect(left).toMatchObject({ sagaId, advice: 'by-hand' });
  expect(left).not.toHaveProperty('rescueId');
  expect(await shop.client.rescue(sagaId)).toMatchObject({ rescueId: `${sagaId}-rescue` });
  const outcome = await shop.client.waitForClose(`${sagaId}-rescue`);
  expect(outcome).toMatchObject({ kind: 'completed', result: { status: 'compensated' } });
  expect(await shop.remaining(sagaId)).toEqual([]);
  expect(await shop.audit()).toEqual([]);
  shop.undone('deleted');
});

test('the records undo strictly in the reverse of the order in which the steps began', async () => {
  const sagaId = await shop.waiting('strict');
  await shop.deleteWorkflow(sagaId);
  shop.faults.calls.length = 0;
  await shop.client.waitForClose((await shop.client.rescue(sagaId)).rescueId);
  const undos = shop.faults.calls.filter((call) => call.sagaId === sagaId);
  expect(undos.map(({ op, step }) => `${op} ${step}`)).toEqual([
    'undo authorise-payment',
    'undo reserve-stock',
    'undo open-order',
  ]);
  expect(undos.map(({ key }) => key)).toContain(`default/${sagaId}/open-order/undo`);
  await expect(shop.client.rescue('order-none')).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  shop.undone('strict');
});

test('local activities that no history tells of are undone from the records, one that comes late as well', async () => {
  shop.faults.at('order-express', 'do authorise-payment', 'held');
  const express = shop.placing('express');
  const { sagaId } = await express.start(fulfilment, orderOf('express'));
  await shop.faults.arrived(sagaId, 'do authorise-payment');
  await until('the stock is reserved', async () => (await shop.remaining(sagaId)).length === 2);
  await shop.workflow(sagaId).terminate();
  await expect(shop.system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'RECORDS_NEEDED' });
  await expect(shop.client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_RUNNING' });
  expect(await shop.audit()).toEqual([]);

  let finding: Finding | undefined;
  await until('its worker has noticed', async () => ([finding] = await shop.audit())[0] !== undefined);
  expect(finding).toMatchObject({ sagaId, code: 'TERMINATED', advice: 'rescue' });
  expect(effects(finding)).toEqual(['inventory/reserve-stock', 'order/open-order']);
  const { rescueId } = await shop.client.rescue(sagaId);
  await shop.client.waitForClose(rescueId);
  expect(await shop.audit()).toEqual([]);

  shop.faults.release(sagaId, 'do authorise-payment');
  await rescuedAgain({ sagaId, rescueId, late: 'payment/authorise-payment' });
  shop.undone('express');
});

test('what arrives after its rescue is found again, and rescued again under the same id', async () => {
  shop.faults.at('order-late', 'do reserve-stock', 'held');
  const sagaId = await shop.start(orderOf('late', large));
  await shop.faults.arrived(sagaId, 'do reserve-stock');
  await until('the payment is authorised', async () => (await shop.remaining(sagaId)).length === 2);
  await shop.deleteWorkflow(sagaId);
  const { rescueId } = await shop.client.rescue(sagaId);
  await shop.client.waitForClose(rescueId);
  expect(await shop.audit()).toEqual([]);
  shop.faults.release(sagaId, 'do reserve-stock');
  await rescuedAgain({ sagaId, rescueId, late: 'inventory/reserve-stock' });
  await expect(shop.client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  shop.undone('late');
});

test('a saga that has undone itself is found if one of its effects remains', async () => {
  const sagaId = 'order-refused';
  await shop.tamper(
    `DELETE FROM saga_barrier WHERE saga_id = $1 AND op = 'undo' AND step = 'reserve-stock'`,
    sagaId,
  );
  const cancelled = 'order-cancelled';
  await shop.tamper(
    `DELETE FROM saga_barrier WHERE saga_id = $1 AND op = 'undo' AND step = 'open-order'`,
    cancelled,
  );
  const found = await shop.audit({ rescue: true });
  expect(found).toMatchObject([
    { sagaId: cancelled, code: 'EFFECTS_REMAIN', advice: 'by-hand' },
    { sagaId, code: 'EFFECTS_REMAIN', advice: 'by-hand' },
  ]);
  expect(found.map(effects)).toEqual([['order/open-order'], ['inventory/reserve-stock']]);
  const restore = `INSERT INTO saga_barrier (namespace, saga_id, step, op, state, input)
    SELECT namespace, saga_id, step, 'undo', 'done', input FROM saga_barrier WHERE saga_id = ANY ($1) AND state = 'done'
    ON CONFLICT DO NOTHING`;
  await shop.tamper(restore, [sagaId, cancelled]);
  expect(await shop.audit()).toEqual([]);
});

test('a stuck saga is shown to the desk, and what an operator resolved by hand is accounted for', async () => {
  shop.faults.at('order-stuck', 'undo reserve-stock', 'broken');
  const sagaId = await shop.waiting('stuck');
  await shop.client.cancel(sagaId);
  await until('it is stuck', async () => (await shop.client.outcome(sagaId)).kind === 'stuck');
  let found: Finding[] = [];
  await until('visibility knows', async () => (found = await shop.audit()).length > 0);
  expect(found).toMatchObject([{ sagaId, code: 'STUCK', advice: 'desk' }]);
  expect(found[0]?.message).toContain('reserve-stock');
  await shop.client.update(sagaId, resolveStep, {
    step: 'reserve-stock',
    actor: 'grace',
    reason: 'moved it myself',
  });
  await shop.client.waitForClose(sagaId);
  expect(await shop.remaining(sagaId)).toEqual(['inventory/reserve-stock']);
  expect(await shop.audit()).toEqual([]);
  const { lines } = orderOf('stuck', large);
  await perform(
    shop.system.shop.releaseStock,
    { input: { orderId: 'stuck', lines } },
    callOf(sagaId, 'reserve-stock', 'undo'),
  );
  shop.ended.push({ orderId: 'stuck', workflowId: sagaId, ended: 'cancelled' });
});

test('a reverse that was ended half-way', async () => {
  shop.faults.at('order-half', 'undo reserve-stock', 'held');
  const sagaId = await shop.start(orderOf('half'));
  await shop.client.waitForClose(sagaId);
  const { rescueId } = await shop.client.reverse(sagaId);
  await shop.faults.arrived(sagaId, 'undo reserve-stock');
  await shop.workflow(rescueId).terminate();
  shop.faults.release(sagaId, 'undo reserve-stock');
  let found: Finding[] = [];
  await until('visibility knows', async () => (found = await shop.audit({ rescue: true })).length > 0);
  expect(found).toMatchObject([{ sagaId, code: 'REVERSE_ENDED', advice: 'reverse' }]);
  expect(await shop.client.reverse(sagaId)).toMatchObject({ started: true });
  await shop.client.waitForClose(rescueId);
  expect(await shop.audit()).toEqual([]);
  shop.undone('half');
});

test('past retention a gone saga with a pivot is a completed one; without, it is left to a person', async () => {
  const completed = 'order-never-there';
  await shop.client.waitForClose(await shop.start(orderOf('archived')));
  await shop.tamper(`UPDATE saga_barrier SET saga_id = $1 WHERE saga_id = 'order-archived'`, completed);
  expect(await shop.audit()).toMatchObject([{ sagaId: completed, code: 'GONE', advice: 'reverse' }]);
  const unknown = await shop.waiting('forgotten');
  await shop.deleteWorkflow(unknown);
  await shop.tamper(
    `UPDATE saga_barrier SET created_at = now() - interval '9 years' WHERE saga_id = ANY ($1)`,
    [completed, unknown],
  );
  const [finding, ...others] = await shop.audit({ rescue: true });
  expect(others).toEqual([]);
  expect(finding).toMatchObject({ sagaId: unknown, code: 'GONE_PAST_RETENTION', advice: 'by-hand' });
  expect(finding).not.toHaveProperty('rescueId');
  await shop.client.waitForClose((await shop.client.rescue(unknown)).rescueId);
  expect(await shop.audit()).toEqual([]);
  shop.ended.push({ orderId: 'archived', workflowId: 'order-archived', ended: 'completed' });
  shop.undone('forgotten');
});

test('what a workflow of another namespace did is none of this one’s business', async () => {
  const sagaId = await shop.waiting('foreign');
  await shop.deleteWorkflow(sagaId);
  await shop.tamper(`UPDATE saga_barrier SET namespace = 'elsewhere' WHERE saga_id = $1`, sagaId);
  expect(await shop.audit({ rescue: true })).toEqual([]);
  await expect(shop.client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  await shop.tamper(`UPDATE saga_barrier SET namespace = $2 WHERE saga_id = $1`, sagaId, 'default');
  await shop.client.waitForClose((await shop.client.rescue(sagaId)).rescueId);
  shop.undone('foreign');
});

test('at the end all invariants hold, and each order is all done or all undone', async () => {
  expect(await shop.violations()).toEqual([]);
  expect(shop.ended.length).toBeGreaterThan(10);
});
