import type { Client } from '@temporalio/client';
import { Pool } from 'pg';
import type { Supervisor } from '../../dev/supervisor';
import { waitUntil } from '../../dev/wait-until';
import { SagaClient } from '../../src/client';
import { someOrder } from '../business/order';
import { ContenderProcess } from '../measure/child-process';
import { memoryOfTree } from '../measure/cpu';
import { inParallel, upTo } from '../measure/in-parallel';
import { quantile } from '../measure/statistics';
import type { BenchServers } from '../servers/servers';
import { review, reviewedSaga } from '../workflows/scale-definitions';
import { startScaleWorker } from './scale-worker';

/** What many sagas cost that wait for a review, all open at once. */
export interface OpenSagas {
  readonly open: number;
  /** Of the first tenth that was started, and of the last. */
  readonly startsPerSecond: { readonly first: number; readonly last: number };
  /** Bytes of an open saga: of Postgres on disk, and of memory by process. */
  readonly diskBytes: number;
  readonly memoryBytes: Readonly<Record<string, number>>;
  /** With almost none open, and with all of them. */
  readonly before: Burden;
  readonly after: Burden;
}

/** How the system does beside what is open. */
interface Burden {
  /** From the review of one to its end, in milliseconds. */
  readonly reviewP50: number;
  readonly reviewP95: number;
  /** Other orders, by another worker. */
  readonly ordersPerSecond: number;
  /** To count all open sagas, in milliseconds. */
  readonly countMs: number;
}

const AT_ONCE = 60;
const REVIEWS_AT_ONCE = 10;
/** Sagas that are reviewed to read how long that takes, and orders beside them. */
const SAMPLE = 300;
/** More than what is reviewed: what is read of the rest must not be of those alone. */
export const FEWEST_OPEN = 2 * SAMPLE;

/** Starts sagas that wait, and reads what that leaves of the rest. */
export async function measureOpenSagas(
  client: Client,
  servers: BenchServers,
  count: number,
  supervisor: Supervisor,
  progress: (line: string) => void,
): Promise<OpenSagas> {
  const worker = await startScaleWorker(servers, supervisor);
  const others = await ContenderProcess.start('express/barrier', servers);
  supervisor.onStop('the worker of other orders', () => others.stop());
  const pool = new Pool({ connectionString: servers.databaseUrl, max: 2 });
  supervisor.onStop('the connections of the count', () => pool.end());
  const sagas = new SagaClient(client);
  const processes = { ...servers.pids, worker: worker.pid };
  const start = async (prefix: string, from: number, to: number) => {
    const begun = performance.now();
    await inParallel(upTo(to - from), AT_ONCE, async (index) => {
      await sagas.start(reviewedSaga, someOrder(`${prefix}-${from + index}`, 'DE'));
    });
    // All of them have done their first step, and wait.
    await waitUntil('all sagas to wait', 120_000, async () =>
      (await rows(pool, prefix)) === to ? true : undefined,
    );
    return (to - from) / ((performance.now() - begun) / 1_000);
  };
  const burden = async (name: string, prefix: string, from: number): Promise<Burden> => {
    const latencies: number[] = [];
    await inParallel(upTo(SAMPLE), REVIEWS_AT_ONCE, async (index) => {
      const handle = client.workflow.getHandle(`${prefix}-${from + index}`);
      const begun = performance.now();
      await handle.signal(review);
      await handle.result();
      latencies.push(performance.now() - begun);
    });
    const load = await others.run({
      prefix: `beside-${name}`,
      orders: SAMPLE,
      concurrency: AT_ONCE,
      path: 'happy',
    });
    const begun = performance.now();
    await sagas.count();
    return {
      reviewP50: quantile(latencies, 0.5),
      reviewP95: quantile(latencies, 0.95),
      ordersPerSecond: SAMPLE / load.seconds,
      countMs: performance.now() - begun,
    };
  };
  await start('few', 0, SAMPLE);
  await others.run({ prefix: 'beside-warm', orders: 200, concurrency: 20, path: 'happy' });
  const before = await burden('few', 'few', 0);
  const sizesBefore = await sizes(pool, processes);
  const rates: number[] = [];
  for (let part = 0; part < 10; part++) {
    const [from, to] = [Math.round((part * count) / 10), Math.round(((part + 1) * count) / 10)];
    rates.push(await start('open', from, to));
    progress(`${to} of ${count} sagas are open, ${(rates.at(-1) ?? 0).toFixed(0)} started a second`);
  }
  const sizesAfter = await sizes(pool, processes);
  const each = (key: string) => ((sizesAfter.memory[key] ?? 0) - (sizesBefore.memory[key] ?? 0)) / count;
  // Spread over all: what the worker has in its cache are the last ones.
  const after = await burden('many', 'open', Math.floor(count / 2));
  await Promise.all([worker.stop(), others.stop()]);
  return {
    open: count,
    startsPerSecond: { first: rates[0] ?? NaN, last: rates.at(-1) ?? NaN },
    diskBytes: (sizesAfter.disk - sizesBefore.disk) / count,
    memoryBytes: Object.fromEntries(Object.keys(processes).map((key) => [key, each(key)])),
    before,
    after,
  };
}

async function rows(pool: Pool, prefix: string): Promise<number> {
  const { rows: found } = await pool.query<{ count: string }>(
    `SELECT count(*) FROM orders WHERE order_id LIKE $1 || '-%'`,
    [prefix],
  );
  return Number(found[0]?.count ?? 0);
}

async function sizes(pool: Pool, processes: Readonly<Record<string, number>>) {
  const { rows: found } = await pool.query<{ bytes: string }>(
    `SELECT sum(pg_database_size(datname)) AS bytes FROM pg_database WHERE datname LIKE 'temporal_%'`,
  );
  const memory = Object.fromEntries(
    Object.entries(processes).map(([name, pid]) => [name, memoryOfTree(pid)]),
  );
  return { disk: Number(found[0]?.bytes ?? 0), memory };
}
