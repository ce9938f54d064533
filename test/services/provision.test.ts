import { createHash, randomBytes } from 'node:crypto';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Client } from 'pg';
import { Barrier, barrierMigrations, openDatabase, RecordsReader } from '../../src/participant';
import { migrateAndSeed, provision, provisionedUrls } from '../../services/provision';
import type { ServiceUrls } from '../../services/names';
import { serviceNames } from '../../services/names';
import { adminUrl, createTestDatabase } from '../support/database';

const prefix = `test_${randomBytes(4).toString('hex')}`;
const adminRole = `${prefix}_admin`;

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    // Several statements have several results.
    const results = [await client.query<{ value: unknown }>(sql)].flat();
    return results.flatMap(({ rows }) => rows.map((row) => row.value));
  } finally {
    await client.end();
  }
}

afterAll(async () => {
  for (const name of [
    ...serviceNames.flatMap((s) => [`${prefix}_${s}`, `${prefix}_limited_${s}`]),
    adminRole,
  ]) {
    await query(adminUrl(), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await query(adminUrl(), `DROP ROLE IF EXISTS ${name}`);
  }
});

describe('provisioning', () => {
  let urls: ServiceUrls;

  test('two set-ups at once agree, and each service finds its seed', async () => {
    const [first, second] = await Promise.all([provision(adminUrl(), prefix), provision(adminUrl(), prefix)]);
    expect(first).toEqual(second);
    expect(provisionedUrls(adminUrl(), prefix)).toEqual(first);
    urls = first;
    expect(await query(urls.order, 'SELECT count(*)::integer AS value FROM catalogue')).toEqual([12]);
    expect(await query(urls.payment, 'SELECT count(*)::integer AS value FROM cards')).toEqual([9]);
    expect(await query(urls.inventory, 'SELECT count(*)::integer AS value FROM stock')).toEqual([12]);
    expect(await query(urls.shipping, 'SELECT count(*)::integer AS value FROM carriers')).toEqual([3]);
  });

  test('a second set-up changes nothing: balances and stock stay as they are', async () => {
    await query(urls.inventory, `UPDATE stock SET on_hand = 7, shipped = 99993 WHERE sku = 'sku-tea'`);
    const before = await query(urls.payment, 'SELECT sum(abs(balance))::text AS value FROM accounts');
    expect(await provision(adminUrl(), prefix)).toEqual(urls);
    expect(await query(urls.payment, 'SELECT sum(abs(balance))::text AS value FROM accounts')).toEqual(
      before,
    );
    expect(await query(urls.inventory, `SELECT on_hand AS value FROM stock WHERE sku = 'sku-tea'`)).toEqual([
      7,
    ]);
  });

  test('no service can enter the database of another', async () => {
    const foreign = new URL(urls.payment);
    foreign.pathname = new URL(urls.order).pathname;
    await expect(query(foreign.href, 'SELECT 1 AS value')).rejects.toMatchObject({ code: '42501' });
  });

  test('each service’s role is an ordinary one', async () => {
    const sql =
      'SELECT rolsuper OR rolcreaterole OR rolcreatedb AS value FROM pg_roles WHERE rolname = current_user';
    for (const service of serviceNames) expect(await query(urls[service], sql)).toEqual([false]);
  });

  test('MIGRATION_CHANGED: an applied migration may not be edited', async () => {
    await query(urls.order, `UPDATE migrations SET checksum = 'other' WHERE name = '001-orders.sql'`);
    await expect(provision(adminUrl(), prefix)).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
      message: expect.stringContaining('order/001-orders.sql'),
    });
  });
});

test('a database of the version before the records is upgraded, and its rows still answer', async () => {
  const { url, drop } = await createTestDatabase('upgrade');
  const [first] = barrierMigrations;
  if (!first) throw new Error('there is a first migration');
  const checksum = createHash('sha256').update(first.sql).digest('hex');
  for (const sql of [
    'CREATE TABLE migrations (name text PRIMARY KEY, checksum text NOT NULL, applied_at timestamptz DEFAULT now())',
    first.sql,
    `INSERT INTO migrations (name, checksum) VALUES ('${first.name}', '${checksum}')`,
    `INSERT INTO saga_barrier (saga_id, step, op, state, input, result) VALUES ('old', 'a', 'do', 'done', '1', '2')`,
  ]) {
    await query(url, sql);
  }
  await migrateAndSeed('order', url);
  await migrateAndSeed('order', url);
  const database = openDatabase({
    url,
    poolSize: 1,
    maxStatementMs: 10_000,
    applicationName: 'upgrade',
    onError: () => undefined,
  });
  // Nothing tells whose they are, so a person has to.
  await database.query(`UPDATE saga_barrier SET namespace = 'default' WHERE namespace = ''`);
  const call = { namespace: 'default', sagaId: 'old', step: 'a', op: 'do', key: 'default/old/a/do' } as const;
  expect(await new Barrier(database).do(call, 1, () => Promise.resolve(3))).toBe(2);
  expect(await new RecordsReader('order', database).remaining('default', ['old'])).toMatchObject([
    { input: 1, output: 2 },
  ]);
  await database.close();
  await drop();
});

test('B8 rows of the version before the namespace was in the key get that of their action, or the one that is known', async () => {
  const namespacesOf = async (namespaces: readonly string[]) => {
    const { url, drop } = await createTestDatabase('namespaces');
    const [first, second, third] = barrierMigrations;
    for (const migration of [first, second]) await query(url, migration?.sql ?? '');
    for (const namespace of namespaces) {
      await query(
        url,
        `INSERT INTO saga_barrier (saga_id, step, op, state, input, namespace)
         VALUES ('in ${namespace}', 'a', 'do', 'done', '1', '${namespace}'), ('in ${namespace}', 'a', 'undo', 'done', '1', NULL)`,
      );
    }
    await query(
      url,
      `INSERT INTO saga_barrier (saga_id, step, op, state, input) VALUES ('early', 'a', 'do', 'blocked', '1')`,
    );
    await query(url, third?.sql ?? '');
    const found = await query(
      url,
      `SELECT op || ' ' || saga_id || ': ' || namespace AS value FROM saga_barrier ORDER BY 1`,
    );
    await drop();
    return found;
  };
  expect(await namespacesOf(['prod'])).toEqual(['do early: prod', 'do in prod: prod', 'undo in prod: prod']);
  expect(await namespacesOf(['prod', 'staging'])).toEqual([
    'do early: ',
    'do in prod: prod',
    'do in staging: staging',
    'undo in prod: prod',
    'undo in staging: staging',
  ]);
});

test('an admin who is no superuser, but may create roles and databases, is enough', async () => {
  await query(adminUrl(), `CREATE ROLE ${adminRole} LOGIN CREATEROLE CREATEDB PASSWORD 'p@ss/word'`);
  const limited = new URL(adminUrl());
  limited.username = adminRole;
  limited.password = encodeURIComponent('p@ss/word');
  const urls = await provision(limited.href, `${prefix}_limited`);
  expect(await query(urls.shipping, 'SELECT count(*)::integer AS value FROM carriers')).toEqual([3]);
  expect(await provision(limited.href, `${prefix}_limited`)).toEqual(urls);
});

test('ADMIN_PASSWORD_MISSING: without one, every password could be guessed', async () => {
  const bare = new URL(adminUrl());
  bare.password = '';
  await expect(provision(bare.href, prefix)).rejects.toMatchObject({ code: 'ADMIN_PASSWORD_MISSING' });
});
