import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { OrderRequest } from '../../services/order/contract';
import { fulfilment } from '../../services/order/fulfilment';
import { SagaClient } from '../../src/client';
import { until } from '../support/until';
import { localServer } from '../support/temporal';

/**
 * What a cached saga takes of the orchestrator's process: `npm run build`, then `UNWIND_TEMPORAL_CLI=<path> node --require tsx/cjs
 * test/bench/cached-sagas.ts [SAGAS] [LINES] [HEAP-MB]`, on Linux. Orders of so many lines wait for their review, after three of eight
 * steps. The participants answer without a database. Prints the resident memory of the orchestrator, at most so far, with more and more of them.
 */
const heldOrder = (orderId: string, lines: number): OrderRequest => ({
  orderId,
  customerId: 'cust-ada',
  card: 'card-ada',
  lines: Array.from({ length: lines }, (_, line) => ({ sku: `sku-${line}`, quantity: 1 })),
  shipTo: { country: 'DE', postalCode: '10115' },
});

/** Answers of the participants, as long as theirs are. */
const total = { amount: 90_000, currency: 'EUR' };
const id = '3e5d9f9e-c8f9-4ead-bbc2-a68e54054a25';
const unitPrice = { amount: 1_200, currency: 'EUR' };
const activities = {
  openOrder: async ({ orderId, lines }: OrderRequest) =>
    await Promise.resolve({ orderId, total, lines: lines.map((line) => ({ ...line, unitPrice })) }),
  reserveStock: async ({ orderId }: OrderRequest) => await Promise.resolve({ orderId, reservationId: id }),
  authorisePayment: async ({ orderId }: OrderRequest) =>
    await Promise.resolve({ orderId, total, authorisationId: id }),
};

/** An order has 20 or more when its review is awaited. */
const EVENTS_BEFORE_REVIEW = 19;

async function main(sagas: number, lines: number, heapMb: number): Promise<void> {
  const env = await localServer();
  const bundle = join(mkdtempSync(join(tmpdir(), 'unwind-cached-sagas-')), 'workflows.js');
  execFileSync(process.execPath, ['dist/src/cli/main.js', 'bundle', 'dist/workflows', bundle]);
  const orchestrator = spawn(process.execPath, ['--enable-source-maps', 'dist/workers/orchestrator.js'], {
    env: {
      ...process.env,
      NODE_OPTIONS: `--max-old-space-size=${heapMb}`,
      TEMPORAL_ADDRESS: env.address,
      UNWIND_LOG_LEVEL: 'warn',
      ORCHESTRATOR_WORKFLOW_BUNDLE: bundle,
      ORCHESTRATOR_MAX_CACHED_WORKFLOWS: String(sagas),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(orchestrator, 'message');
  const residentMb = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${orchestrator.pid}/status`, 'utf8'))?.[1]) / 1024;
  const participants = await Promise.all(
    ['order', 'inventory', 'payment'].map((taskQueue) =>
      Worker.create({ connection: env.nativeConnection, taskQueue, activities }),
    ),
  );
  const runs = participants.map((participant) => participant.run());
  const client = new SagaClient(env.client);
  const report = (count: number) =>
    process.stdout.write(
      `${JSON.stringify({ lines, sagas: count, residentMb: Math.round(residentMb()) })}\n`,
    );
  report(0);
  for (let started = 0; started < sagas;) {
    for (let batch = 0; batch < 50; batch += 1, started += 1)
      await client.start(fulfilment, heldOrder(`held-${started}`, lines));
    await until('the orders to wait for their review', () => isWaiting(env.client, started - 1), 120_000);
    if (started % 500 === 0 || started === sagas) report(started);
  }
  orchestrator.kill('SIGTERM');
  await once(orchestrator, 'exit');
  for (const participant of participants) participant.shutdown();
  await Promise.all(runs);
  await env.teardown();
}

/** Whether an order has ended all steps before its review; those that were started before it have, or will in a moment. */
async function isWaiting(client: Client, order: number): Promise<boolean> {
  const handle = client.workflow.getHandle(`order-held-${order}`);
  const { historyLength, raw } = await handle.describe();
  return historyLength > EVENTS_BEFORE_REVIEW && raw.pendingActivities?.length === 0;
}

const [sagas = 2_000, lines = 2, heapMb = 640] = process.argv.slice(2).map(Number);
void main(sagas, lines, heapMb);
