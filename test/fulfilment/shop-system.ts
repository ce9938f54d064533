import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { SagaClient, sagaActivities } from '../../src/client';
import { inventoryService } from '../../services/inventory/contract';
import { orderService } from '../../services/order/contract';
import { fulfilment } from '../../services/order/fulfilment';
import { paymentService } from '../../services/payment/contract';
import { shippingService } from '../../services/shipping/contract';
import { openShop, type Shop } from '../services/shop';
import { serviceNames } from '../../services/names';
import { testBundle } from '../support/bundle';
import { localServer } from '../support/temporal';

/** The whole shop in this process: a real server, real databases, and a worker for each kind. */
export interface ShopSystem {
  readonly env: TestWorkflowEnvironment;
  readonly shop: Shop;
  readonly client: SagaClient;
  close(): Promise<void>;
}

/**
 * @param workflowsPath further workflows than those of the product.
 * @param activities changes what the workers run, to let an activity meet a fault.
 * @param server where it runs; it is torn down with the system.
 */
export async function openShopSystem(
  name: string,
  workflowsPath = require.resolve('../../workflows'),
  activities: (shop: Shop) => Partial<Shop> = () => ({}),
  server: Promise<TestWorkflowEnvironment> = localServer(),
): Promise<ShopSystem> {
  const [env, shop, workflowBundle] = await Promise.all([server, openShop(name), testBundle(workflowsPath)]);
  const connection = env.nativeConnection;
  const { urls: _urls, databases: _databases, close: _close, ...real } = shop;
  const all = { ...real, ...activities(shop) };
  const workers = await Promise.all([
    // It hosts the activities too, for sagas that are placed on their own queue.
    Worker.create({
      connection,
      taskQueue: fulfilment.taskQueue,
      workflowBundle,
      activities: { ...all, ...sagaActivities() },
    }),
    ...[orderService, paymentService, inventoryService, shippingService].map(({ taskQueue }) =>
      Worker.create({ connection, taskQueue, activities: all, shutdownGraceTime: '5s' }),
    ),
  ]);
  const running = Promise.all(workers.map((worker) => worker.run()));
  return {
    env,
    shop,
    client: new SagaClient(env.client),
    close: async () => {
      for (const worker of workers) worker.shutdown();
      await running;
      await env.teardown();
      await shop.close();
    },
  };
}

/** `service/step` of what a saga did and did not undo, by SQL of the tests' own. */
export async function remainingActions({ databases }: Shop, sagaId: string): Promise<string[]> {
  const found = await Promise.all(
    serviceNames.map(async (service) => {
      const rows = await databases[service].query<{ step: string }>(
        `SELECT step FROM saga_barrier WHERE saga_id = $1 AND op = 'do' AND state = 'done'
         EXCEPT SELECT step FROM saga_barrier WHERE saga_id = $1 AND op = 'undo'`,
        [sagaId],
      );
      return rows.map(({ step }) => `${service}/${step}`);
    }),
  );
  return found.flat().sort();
}
