import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { cpuMsOf } from '../measure/cpu';
import type { BenchServers } from './servers';

/** Postgres vacuums and writes checkpoints only on request. By itself it would do both during the load of some other contender. */
export const TIDIED_BETWEEN_LOADS = ['autovacuum=off', 'checkpoint_timeout=1d', 'max_wal_size=32GB'];

const WINDOW_MS = 250;
const MOST_MS = 10_000;
/** CPU time within a window. Pollers that find nothing take some 20 ms of it. */
const AT_REST_MS = 50;

/** Until the servers have done what the last load left to them, at most ten seconds: visibility, rows to vacuum, a checkpoint. */
export async function restServers(servers: BenchServers): Promise<void> {
  await untilIdle(servers);
  await tidy(servers.adminUrl);
  await untilIdle(servers);
}

async function untilIdle({ pids }: BenchServers): Promise<void> {
  const spent = () => Object.values(cpuMsOf(pids)).reduce((sum, ms) => sum + ms, 0);
  const end = Date.now() + MOST_MS;
  let before = spent();
  for (let quiet = 0; quiet < 2 && Date.now() < end;) {
    await sleep(WINDOW_MS);
    const now = spent();
    quiet = now - before <= AT_REST_MS ? quiet + 1 : 0;
    before = now;
  }
}

async function tidy(adminUrl: string): Promise<void> {
  const names = await query(
    adminUrl,
    'SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate',
  );
  for (const { datname } of names) {
    const url = new URL(adminUrl);
    url.pathname = `/${String(datname)}`;
    await query(url.href, 'VACUUM (ANALYZE)');
  }
  await query(adminUrl, 'CHECKPOINT');
}

async function query(connectionString: string, text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}
