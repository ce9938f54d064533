import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Connection } from '@temporalio/client';
import { connectClient, localTarget } from '../../src/worker/temporal-connection';
import { type KillableTemporal, startKillableTemporal } from './killable-temporal';

let killable: KillableTemporal;
beforeAll(async () => {
  killable = await startKillableTemporal();
});
afterAll(() => killable.close());

test('a connection is closed while a call of its is about to be tried again: the call fails, and nothing else does', async () => {
  const client = await connectClient(localTarget(killable.address, {}));
  const connection = client.connection as Connection;
  const { workflowId } = await client.workflow.start('nobody-runs-it', {
    workflowId: 'waits',
    taskQueue: 'nobody',
  });
  const failed = client.workflow
    .getHandle(workflowId)
    .result()
    .then(
      () => 'it has a result',
      (error: Error) => String(error.cause),
    );
  await killable.server.kill();
  const answered = await connection.withDeadline(Date.now() + 300, () =>
    client.workflow
      .getHandle(workflowId)
      .describe()
      .then(
        () => true,
        () => false,
      ),
  );
  expect(answered).toBe(false);
  await connection.close();

  // Otherwise the SDK's timer throws, which fails this file, and the result never settles.
  expect(await failed).toMatch(/connection is closed/);
});
