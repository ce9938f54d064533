import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Finding, SagaClient } from '../../src/client';
import { RecordsReader } from '../../src/participant';
import { serviceNames } from '../../services/names';
import { fulfilment } from '../../services/order/fulfilment';
import { orderOf } from '../services/shop';
import { until } from '../support/until';
import { twiceWrapped } from './nested-order-workflows';
import { openShopSystem, remainingActions, type ShopSystem } from './shop-system';

let system: ShopSystem;
let client: SagaClient;
beforeAll(async () => {
  system = await openShopSystem('nested_express', require.resolve('./nested-order-workflows'));
  const records = serviceNames.map((service) => new RecordsReader(service, system.shop.databases[service]));
  client = new SagaClient(system.env.client, { records, rescueQueue: fulfilment.taskQueue });
});
afterAll(() => system.close());

const remaining = async (sagaId: string) => (await remainingActions(system.shop, sagaId)).length;

test('S13 the records of a nested express saga are taken into account, and asked for', async () => {
  const order = orderOf('nested', { lines: [{ sku: 'sku-laptop', quantity: 1 }] });
  const { sagaId } = await client.start(twiceWrapped, order);
  const orderId = `${sagaId}.inner.order`;
  await until('the order to wait for its review', async () => (await remaining(orderId)) === 3);
  // The innermost first: whoever is ended with its parent would unwind itself.
  for (const id of [orderId, `${sagaId}.inner`, sagaId])
    await system.env.client.workflow.getHandle(id).terminate('by the test');

  await expect(system.client.rescue(sagaId)).rejects.toMatchObject({
    code: 'RECORDS_NEEDED',
    sagaId: orderId,
  });
  await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_RUNNING', sagaId: orderId });
  const findings: Finding[] = [];
  for await (const finding of system.client.audit({ rescue: true })) findings.push(finding);
  expect(findings.filter(({ rescueId }) => rescueId !== undefined)).toEqual([]);
  expect(await remaining(orderId)).toBe(3);

  let rescueId = '';
  await until('the worker of the express saga to have stopped', async () => {
    try {
      ({ rescueId } = await client.rescue(sagaId));
    } catch (error) {
      expect(error).toMatchObject({ code: 'SAGA_RUNNING' });
    }
    return rescueId !== '';
  });
  expect(await client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
  expect(await remaining(orderId)).toBe(0);
});
