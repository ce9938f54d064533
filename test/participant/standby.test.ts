import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { appendFileSync, chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Barrier, barrierTable, type Database, openDatabase, toFailure } from '../../src/participant';
import type { Child } from '../../dev/child';
import { anyPort } from '../../dev/ports';
import { placePostgres } from '../../dev/postgres-place';
import { startPostgres } from '../../dev/postgres-server';
import { Supervisor } from '../../dev/supervisor';
import { CuttingProxy } from '../chaos/system/cutting-proxy';
import { until } from '../support/until';
import { callOf, change, changesOf } from './effects';

interface Server {
  readonly url: string;
  readonly port: number;
  readonly child: Child;
}

const supervisor = new Supervisor();
let primary: Server;
let standby: Server;
let proxy: CuttingProxy;
let onStandby: Database;
let database: Database;

beforeAll(async () => {
  const [home, standbyHome] = [newHome(), newHome()];
  const first = await startServer(home);
  const setUp = openedAt(first.url);
  await setUp.query(barrierTable);
  await setUp.query('CREATE TABLE effects (saga_id text NOT NULL, delta integer NOT NULL)');
  await setUp.close();
  await first.child.stop();
  // A copy of a server that has stopped, told to follow it.
  const copy = placePostgres(standbyHome).directory;
  execFileSync('cp', ['-a', `${placePostgres(home).directory}/.`, copy]);
  primary = await startServer(home);
  writeFileSync(join(copy, 'data', 'standby.signal'), '');
  const { password } = new URL(primary.url);
  appendFileSync(
    join(copy, 'data', 'postgresql.auto.conf'),
    `primary_conninfo = 'host=127.0.0.1 port=${primary.port} user=postgres password=${password}'\n`,
  );
  standby = await startServer(standbyHome);
  onStandby = openedAt(standby.url);

  proxy = new CuttingProxy(primary.port);
  const url = new URL(primary.url);
  url.port = String(await proxy.listen());
  database = openedAt(url.href);
});

afterAll(async () => {
  await Promise.all([database.close(), onStandby.close()]);
  await proxy.close();
  await supervisor.stop();
});

function newHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'unwind-standby-'));
  // Postgres may run as another user, who has to pass through.
  chmodSync(home, 0o711);
  supervisor.onStop(home, () => {
    rmSync(placePostgres(home).directory, { recursive: true, force: true });
    rmSync(home, { recursive: true, force: true });
  });
  return home;
}

async function startServer(home: string): Promise<Server> {
  const port = await anyPort();
  let child: Child | undefined;
  const { url } = await startPostgres({
    home,
    port,
    logFile: join(home, 'postgres.log'),
    durable: false,
    start: (spec) => (child = supervisor.start(spec)),
    signal: supervisor.signal,
  });
  return { url, port, child: child as Child };
}

function openedAt(url: string): Database {
  return openDatabase({
    url,
    poolSize: 1,
    maxStatementMs: 10_000,
    applicationName: 'standby',
    onError: () => undefined,
  });
}

const act = (sagaId: string) =>
  new Barrier(database).do(callOf(sagaId, 'do'), { n: 1 }, async (tx) => {
    await change(tx, sagaId, 1);
    return sagaId;
  });

const failureOf = (running: Promise<unknown>) =>
  running.then(
    () => Promise.reject(new Error('must fail')),
    (error: unknown) => toFailure(error),
  );

const readOnly = {
  type: 'DATABASE_ERROR',
  nonRetryable: false,
  details: [expect.objectContaining({ sqlState: '25006' })],
};

test('B10 a connection that leads to a standby fails one attempt, and the next one finds the primary', async () => {
  proxy.retarget(standby.port);
  expect(await failureOf(act('stale'))).toMatchObject(readOnly);
  // The name leads to the primary again; a connection that is there would go on to the standby.
  proxy.retarget(primary.port);
  expect(await act('stale')).toBe('stale');
  expect(await changesOf(database, 'stale')).toEqual([1]);
});

test('B10 a failover: what was committed before is answered after it, and what was lost can be done', async () => {
  expect(await act('before')).toBe('before');
  await until('the standby has it', async () => (await changesOf(onStandby, 'before')).length === 1);
  const running = failureOf(database.query('SELECT pg_sleep(30)'));
  await until('it runs', async () => {
    const rows = await onPrimary(`SELECT FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(30)'`);
    return rows.length === 1;
  });
  primary.child.kill();
  // A killed server's own children end a moment later, and only then their connections.
  proxy.cut();
  expect(await running).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false });
  await primary.child.exited;
  expect(await failureOf(act('after'))).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false });

  // The name leads to the standby before that has been promoted.
  proxy.retarget(standby.port);
  expect(await failureOf(act('after'))).toMatchObject(readOnly);
  await onStandby.query('SELECT pg_promote()');
  expect(await act('after')).toBe('after');
  expect(await act('before')).toBe('before');
  expect(await changesOf(database, 'before')).toEqual([1]);
  expect(await changesOf(database, 'after')).toEqual([1]);
});

async function onPrimary(sql: string): Promise<unknown[]> {
  const direct = openedAt(primary.url);
  try {
    return await direct.query(sql);
  } finally {
    await direct.close();
  }
}
