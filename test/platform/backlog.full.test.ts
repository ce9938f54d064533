import { settingOf } from '../../src/worker';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { SagaClient } from '../../src/client';
import { projectRoot } from '../../dev/home';
import { anyPort } from '../../dev/ports';
import { registerSearchAttributes } from '../../dev/register-search-attributes';
import { waitUntil } from '../../dev/wait-until';
import { checkInvariants, type EndedSaga } from '../../services/invariants';
import { serviceNames } from '../../services/names';
import { fulfilment } from '../../services/order/fulfilment';
import { orderOf } from '../services/shop';
import { createShopDatabases } from '../support/database';
import { localServer } from '../support/temporal';

let temporal: TestWorkflowEnvironment;
let databases: Awaited<ReturnType<typeof createShopDatabases>>;
let worker: ChildProcess;
let client: SagaClient;

/** Far below what the orders ask for. A worker that kept them all in memory would run into the end of its heap. */
const limits = {
  UNWIND_MAX_ACTIVITIES: '1',
  UNWIND_POOL_SIZE: '2',
  UNWIND_MAX_CACHED_WORKFLOWS: '30',
  UNWIND_LOG_LEVEL: 'error',
  NODE_OPTIONS: '--max-old-space-size=320',
};
let metrics: string;

beforeAll(async () => {
  [temporal, databases] = await Promise.all([localServer(), createShopDatabases('backlog')]);
  await registerSearchAttributes(temporal.client);
  client = new SagaClient(temporal.client);
  const urls = serviceNames.map((service) => [settingOf(service, 'DATABASE_URL'), databases.urls[service]]);
  metrics = `127.0.0.1:${await anyPort()}`;
  worker = spawn(process.execPath, ['--require', 'tsx/cjs', join(projectRoot, 'workers/all.ts')], {
    cwd: projectRoot,
    env: {
      ...process.env,
      ...limits,
      ...Object.fromEntries(urls),
      TEMPORAL_ADDRESS: temporal.address,
      ORCHESTRATOR_METRICS_ADDRESS: metrics,
    },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  await once(worker, 'message');
});

afterAll(async () => {
  worker.kill('SIGTERM');
  await once(worker, 'exit');
  await temporal.teardown();
  await databases.drop();
});

/** Resident memory of the worker's process, in MB. */
function residentMb(): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(worker.pid)], { encoding: 'utf8' })) / 1024;
}

/** How many sagas the worker keeps in memory. */
async function cached(): Promise<number> {
  const text = await (await fetch(`http://${metrics}/metrics`)).text();
  const sizes = [...text.matchAll(/^temporal_sticky_cache_size\{.*\} (\d+)/gm)].map(([, size]) =>
    Number(size),
  );
  return Math.max(0, ...sizes);
}

async function running(): Promise<number> {
  return (await temporal.client.workflow.count(`ExecutionStatus = 'Running'`)).count;
}

interface Drained {
  readonly ended: readonly EndedSaga[];
  /** The most sagas at once. */
  readonly backlog: number;
  readonly peakMb: number;
  /** The most sagas in the worker's memory. */
  readonly peakCached: number;
}

/** Starts orders faster than they can be done, and waits until none is left. */
async function drain(batch: string, orders: number): Promise<Drained> {
  const changes = [
    {},
    { card: 'card-ken', customerId: 'cust-ken' },
    { shipTo: { country: 'KP', postalCode: '999093' } },
  ];
  const started = await Promise.all(
    Array.from({ length: orders }, (_, index) =>
      client.start(fulfilment, orderOf(`${batch}-${index}`, index % 5 === 0 ? changes[(index / 5) % 3] : {})),
    ),
  );
  let backlog = 0;
  let peakMb = 0;
  let peakCached = 0;
  await waitUntil('the backlog to drain', 200_000, async () => {
    const now = await running();
    backlog = Math.max(backlog, now);
    peakMb = Math.max(peakMb, residentMb());
    peakCached = Math.max(peakCached, await cached());
    return now === 0 ? true : undefined;
  });
  const ended = await Promise.all(
    started.map(async ({ sagaId: workflowId }): Promise<EndedSaga> => {
      const outcome = await client.outcome(workflowId);
      const orderId = workflowId.replace(/^order-/, '');
      if (outcome.kind === 'completed') return { orderId, workflowId, ended: 'completed' };
      if (outcome.kind !== 'compensated') throw new Error(`${workflowId} is ${outcome.kind}`);
      return { orderId, workflowId, ended: 'compensated', reason: outcome.reason.code };
    }),
  );
  return { ended, backlog, peakMb, peakCached };
}

test('more orders than the workers can take: none is lost, the backlog drains, and memory stays bounded', async () => {
  const small = await drain('small', 30);
  const large = await drain('large', 150);
  expect(large.backlog).toBeGreaterThan(50);
  const reasons = new Map<string, number>();
  for (const { reason = 'completed' } of large.ended) reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
  expect(Object.fromEntries(reasons)).toEqual({ completed: 130, CARD_DECLINED: 10, UNDELIVERABLE: 10 });
  const report = await checkInvariants(databases.urls, [...small.ended, ...large.ended]);
  expect(report.filter(({ holds, checked }) => !holds || checked === 0)).toEqual([]);
  expect(worker.exitCode).toBeNull();
  // The backlog is kept by the server: the worker holds what it has room for, and that is all of it.
  expect(large.peakCached).toBeGreaterThan(10);
  expect(large.peakCached).toBeLessThanOrEqual(Number(limits.UNWIND_MAX_CACHED_WORKFLOWS));
  expect(large.peakMb).toBeLessThan(small.peakMb * 1.6);
}, 400_000);
