import { expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { SagaClient } from '../../src/client';
import { fulfilment, reviewOrder } from '../../services/order/fulfilment';
import { openShopSystem } from '../fulfilment/shop-system';
import { orderOf } from '../services/shop';

test('a saga that closes while an update is on its way has ended; it is not unknown', async () => {
  const system = await openShopSystem('closing');
  const lines = [{ sku: 'sku-laptop', quantity: 1 }];
  const { sagaId } = await system.client.start(fulfilment, orderOf('closing', { lines }));
  const client = new SagaClient(
    new Client({
      connection: system.env.connection,
      interceptors: {
        workflow: [
          {
            startUpdate: async (input, next) => {
              await system.env.client.workflow.getHandle(sagaId).terminate();
              return next(input);
            },
          },
        ],
      },
    }),
  );
  const approve = (id: string) => client.update(id, reviewOrder, { decision: 'approve', actor: 'grace' });
  await expect(approve(sagaId)).rejects.toMatchObject({
    code: 'SAGA_ENDED',
    message: `${sagaId} is TERMINATED`,
  });
  await expect(approve('order-nobody')).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  await system.close();
});
