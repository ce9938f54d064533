import { Worker } from '@temporalio/worker';
import { SagaClient } from '../../src/client';
import { testBundle } from '../support/bundle';
import { localServer } from '../support/temporal';
import type { BulkyActivities } from './bulky-workflow';

/** A server and a worker of bulky sagas, whose participant is given. */
export async function startBulkySystem(activities: BulkyActivities) {
  const env = await localServer();
  const workflowBundle = await testBundle(require.resolve('./bulky-workflow'));
  const connection = env.nativeConnection;
  const worker = await Worker.create({ connection, taskQueue: 'bulky', workflowBundle, activities });
  const running = worker.run();
  return {
    env,
    worker,
    client: new SagaClient(env.client),
    async stop(): Promise<void> {
      worker.shutdown();
      await running;
      await env.teardown();
    },
  };
}

export type BulkySystem = Awaited<ReturnType<typeof startBulkySystem>>;
