import { NativeConnection, Worker } from '@temporalio/worker';
import { openDatabase } from '../../src/participant';
import { slowActivities } from './slow-activities';

/** A participant in a process of its own, whose action says when it has made its change, and never ends. */
async function main(): Promise<void> {
  const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS'] ?? '' });
  const database = openDatabase({
    url: process.env['SLOW_DATABASE_URL'] ?? '',
    poolSize: 2,
    maxStatementMs: 20_000,
    applicationName: 'slow-worker',
    onError: () => undefined,
  });
  const activities = slowActivities(database, 'the one that is killed', async () => {
    process.send?.('changed');
    await new Promise(() => undefined);
  });
  const worker = await Worker.create({ connection, taskQueue: 'slow-stock', activities });
  await worker.run();
}

void main();
