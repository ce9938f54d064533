import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { NativeConnection, Worker } from '@temporalio/worker';
import { SagaClient, sagaActivities } from 'unwind/client';
import { librarySections } from 'unwind/errors';
import { barrierTable } from 'unwind/participant';
import { SagaTestKit } from 'unwind/testing';
import { runWorkers } from 'unwind/worker';
import { booking, type DeskActivities } from './steps.js';

/** What happened, in order. */
const effects: string[] = [];

const activities: DeskActivities = {
  hold: async ({ seat }) => {
    effects.push(`hold ${seat}`);
    return await Promise.resolve({ held: seat });
  },
  release: async ({ input }) => {
    effects.push(`release ${input.seat}`);
    await Promise.resolve();
  },
  pay: async ({ seat }) => {
    if (seat.startsWith('unpaid')) throw ApplicationFailure.nonRetryable('the card is empty', 'NO_MONEY');
    effects.push(`pay ${seat}`);
    return await Promise.resolve({ paid: true });
  },
  refund: async () => await Promise.resolve(),
};

async function main(): Promise<void> {
  const address = process.env['TEMPORAL_ADDRESS'] ?? '';
  const native = await NativeConnection.connect({ address });
  const workers = await Promise.all([
    Worker.create({
      connection: native,
      taskQueue: booking.taskQueue,
      workflowsPath: join(process.cwd(), 'workflows.js'),
      activities: sagaActivities(),
    }),
    Worker.create({ connection: native, taskQueue: 'desk', activities }),
  ]);
  const connection = await Connection.connect({ address });
  const client = new SagaClient(new Client({ connection }));
  const book = async (): Promise<string[]> => {
    const kinds: string[] = [];
    for (const seat of process.argv.slice(2)) {
      const { sagaId } = await client.start(booking, { seat });
      kinds.push((await client.waitForClose(sagaId)).kind);
    }
    return kinds;
  };
  const [first, second] = workers as [Worker, Worker];
  const kinds = await first.runUntil(second.runUntil(book()));
  await connection.close();
  await native.close();
  const exported = [librarySections, barrierTable, SagaTestKit, runWorkers].map((one) => typeof one);
  process.stdout.write(`${JSON.stringify({ kinds, effects, exported })}\n`);
}

void main();
