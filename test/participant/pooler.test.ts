import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { Barrier, type Database, type Transaction } from '../../src/participant';
import { adminUrl } from '../support/database';
import { provision, provisionedUrls } from '../../services/provision';
import { serviceNames } from '../../services/names';
import { until } from '../support/until';
import { openPooler, poolerTests } from '../support/pooler';
import type { EffectsDatabase } from './effects';
import { callOf, change, Gate, openEffectsDatabase, rowsOf } from './effects';

poolerTests('B10 behind a pooler in transaction mode', (binary) => {
  let opened: EffectsDatabase;
  let pooler: Awaited<ReturnType<typeof openPooler>>;
  let handles: Database[];
  beforeAll(async () => {
    opened = await openEffectsDatabase('pooler', {
      through: async (url) => {
        pooler = await openPooler(binary, [url], 2);
        return pooler.through(url);
      },
    });
    handles = Array.from({ length: 2 }, (_, index) =>
      opened.open({ url: pooler.through(opened.url), poolSize: 8, applicationName: `handle-${index}` }),
    );
    await opened.admin.query(
      'CREATE TABLE a (n integer); CREATE TABLE b (n integer); CREATE TABLE c (n integer); CREATE TABLE d (n integer)',
    );
  });
  afterAll(async () => {
    await Promise.all(handles.map((handle) => handle.close()));
    await opened.drop();
    await pooler.stop();
  });

  test('B10 pgbouncer takes what is sent at the connect, and hands two server connections to all', async () => {
    await Promise.all(handles.flatMap((handle) => Array.from({ length: 8 }, () => handle.query('SELECT 1'))));
    const rows = await opened.admin.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE 'handle-%'`,
    );
    expect(rows.length).toBeLessThanOrEqual(2);
  });

  test.each([
    [
      'in transactions',
      (handle: Database, sql: string, n: number) => handle.transaction((tx) => tx.query(sql, [n])),
    ],
    ['one by one', (handle: Database, sql: string, n: number) => handle.query(sql, [n])],
  ])('B10 what many clients insert at once, %s, is all where it belongs', async (_, insert) => {
    const tables = ['a', 'b', 'c', 'd'];
    await opened.admin.query('TRUNCATE a, b, c, d');
    // Each handle meets the statements in an order of its own, as processes do.
    const orders = [tables, tables.toReversed()];
    await Promise.all(
      handles.flatMap((handle, h) =>
        Array.from({ length: 100 }, (__, n) => {
          const table = orders[h]?.[n % 4] ?? '';
          return insert(handle, `INSERT INTO ${table} VALUES ($1)`, tables.indexOf(table));
        }),
      ),
    );
    for (const [index, table] of tables.entries()) {
      const rows = await opened.admin.query(
        `SELECT count(*)::integer AS count, min(n) AS min, max(n) AS max FROM ${table}`,
      );
      expect(rows).toEqual([{ count: 50, min: index, max: index }]);
    }
  });

  test('B10 the limits hold in each transaction and for each single statement, and for nobody else', async () => {
    const limits = (tx: Pick<Transaction, 'query'>) =>
      tx.query<{ statement: string; idle: string; isolation: string }>(
        `SELECT current_setting('statement_timeout') AS statement, current_setting('transaction_isolation') AS isolation,
                current_setting('idle_in_transaction_session_timeout') AS idle`,
      );
    const [handle] = handles as [Database];
    const limited = { statement: '20s', idle: '20s', isolation: 'read committed' };
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? limits(handle) : handle.transaction(limits))),
    );
    expect(seen).toEqual(seen.map(() => [limited]));
    // Another program, on the same two server connections.
    const other = new Client({ connectionString: pooler.through(opened.url) });
    await other.connect();
    const { rows } = await other.query(
      `SELECT current_setting('statement_timeout') AS statement, current_setting('idle_in_transaction_session_timeout') AS idle,
              (SELECT count(*)::integer FROM pg_prepared_statements) AS prepared,
              (SELECT count(*)::integer FROM pg_locks WHERE locktype = 'advisory') AS locks`,
    );
    await other.end();
    expect(rows).toEqual([{ statement: '0', idle: '0', prepared: 0, locks: 0 }]);
  });

  const limitOf = (tx: Pick<Transaction, 'query'>) =>
    tx.query<{ ms: number }>(
      `SELECT (extract(epoch FROM current_setting('statement_timeout')::interval) * 1000)::integer AS ms`,
    );
  test.each([
    ['a transaction', (handle: Database, deadline: number) => handle.transaction(limitOf, deadline)],
    [
      'an action',
      (handle: Database, deadline: number) =>
        new Barrier(handle).do(callOf('waits', 'do'), {}, limitOf, deadline),
    ],
  ])('B10 B7 time that %s waits for the pooler is taken off its limit', async (_, limitIn) => {
    const [handle, other] = handles as [Database, Database];
    const gates = [new Gate(), new Gate()];
    const busy = gates.map((gate) =>
      other.transaction(async (tx) => {
        await tx.query('SELECT 1');
        await gate.pass();
      }),
    );
    await Promise.all(gates.map(({ reached }) => reached));
    const deadline = Date.now() + 3_000;
    const waiting = limitIn(handle, deadline);
    await until('half of its time is over', () => Date.now() > deadline - 1_500);
    for (const gate of gates) gate.open();
    const [limit] = await waiting;
    expect(limit?.ms).toBeLessThan(1_500);
    await Promise.all(busy);
  });

  test('B10 a server connection that is lost costs the transactions on it, and no more', async () => {
    const barrier = new Barrier(handles[0] as Database);
    const act = (sagaId: string) =>
      barrier.do(callOf(sagaId, 'do'), { n: 1 }, async (tx) => {
        await change(tx, sagaId, 1);
        await tx.query('SELECT pg_sleep(0.02)');
      });
    const sagas = Array.from({ length: 40 }, (_, n) => `lost-${n}`);
    const first = Promise.allSettled(sagas.map(act));
    await opened.admin.query(
      `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
       WHERE datname = current_database() AND application_name LIKE 'handle-%'`,
    );
    const failed = (await first).filter(({ status }) => status === 'rejected').length;
    expect(failed).toBeGreaterThan(0);
    expect(failed).toBeLessThan(40);
    await Promise.all(sagas.map(act));
    const rows = await opened.admin.query<{ count: number }>(
      `SELECT count(*)::integer AS count FROM effects WHERE saga_id LIKE 'lost-%'`,
    );
    expect(rows).toEqual([{ count: 40 }]);
    expect(await rowsOf(opened.admin, 'lost-0')).toEqual(['do done']);
  });
});

poolerTests('B10 the set-up of the services', (binary) => {
  const prefix = `test_${randomBytes(4).toString('hex')}`;

  afterAll(async () => {
    for (const service of serviceNames) {
      await asAdmin(`DROP DATABASE IF EXISTS ${prefix}_${service} WITH (FORCE)`);
      await asAdmin(`DROP ROLE IF EXISTS ${prefix}_${service}`);
    }
  });

  test('B10 two at once through a pooler agree, and leave no lock behind', async () => {
    const direct = provisionedUrls(adminUrl(), prefix);
    const pooler = await openPooler(binary, [adminUrl(), ...Object.values(direct)], 2);
    try {
      const url = pooler.through(adminUrl());
      const [first, second] = await Promise.all([provision(url, prefix), provision(url, prefix)]);
      expect(first).toEqual(second);
      // A lock that a session holds would stay with the pooler's connection.
      expect(await asAdmin(`SELECT FROM pg_locks WHERE locktype = 'advisory'`)).toEqual([]);
      expect(await provision(url, prefix)).toEqual(first);
      const { rows } = await query(first.order, 'SELECT count(*)::integer AS count FROM catalogue');
      expect(rows).toEqual([{ count: 12 }]);
    } finally {
      await pooler.stop();
    }
  });

  const asAdmin = async (sql: string) => (await query(adminUrl(), sql)).rows as unknown[];

  async function query(url: string, sql: string) {
    const client = new Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(sql);
    } finally {
      await client.end();
    }
  }
});
