import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { Barrier, type Database, toFailure, type Transaction } from '../../src/participant';
import { CuttingProxy } from '../chaos/system/cutting-proxy';
import { until } from '../support/until';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, Gate, openEffectsDatabase } from './effects';

let opened: EffectsDatabase;
/** One connection at most: whether it was kept is seen by its backend. */
let single: Database;
beforeAll(async () => {
  opened = await openEffectsDatabase('failover');
  single = opened.open({ poolSize: 1 });
  await opened.admin.query('CREATE TABLE things (id integer PRIMARY KEY, n integer CHECK (n > 0))');
  await opened.admin.query('INSERT INTO things VALUES (1, 1), (2, 1)');
});
afterAll(async () => {
  await single.close();
  await opened.drop();
});

const input = { sku: 'sku-tea' };

async function backendOf(database: Pick<Database, 'query'>): Promise<number> {
  const [row] = await database.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
  return row?.pid ?? 0;
}

const terminate = (pid: number) => opened.admin.query('SELECT pg_terminate_backend($1, 10000)', [pid]);

const raising = (sqlState: string) => (tx: Transaction) =>
  tx.query(`DO $$ BEGIN RAISE EXCEPTION 'raised' USING ERRCODE = '${sqlState}'; END $$`);

async function errorOf(running: Promise<unknown>): Promise<unknown> {
  return running.then(
    () => Promise.reject(new Error('must fail')),
    (error: unknown) => error,
  );
}

const failureOf = async (running: Promise<unknown>) =>
  toFailure(await errorOf(running)) as ApplicationFailure;

describe('B10 a connection is kept after what does not concern it', () => {
  test.each<[string, string, (tx: Transaction) => Promise<unknown>]>([
    ['bad data', '22P02', (tx) => tx.query(`SELECT 'x'::integer`)],
    ['a broken constraint', '23514', (tx) => tx.query('UPDATE things SET n = 0')],
    ['a wrong statement', '42P01', (tx) => tx.query('SELECT FROM nothing')],
    ['what a function raises', 'P0001', raising('P0001')],
  ])('B10 %s (%s)', async (_, code, work) => {
    const before = await backendOf(single);
    await expect(single.transaction(work)).rejects.toMatchObject({ code });
    expect(await backendOf(single)).toBe(before);
  });

  test('B10 a statement that took too long (57014)', async () => {
    const before = await backendOf(single);
    const slow = single.transaction((tx) => tx.query('SELECT pg_sleep(30)'), Date.now() + 500);
    await expect(slow).rejects.toMatchObject({ code: '57014' });
    expect(await backendOf(single)).toBe(before);
  });

  test('B10 a business function that fails', async () => {
    const before = await backendOf(single);
    await expect(single.transaction(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await backendOf(single)).toBe(before);
  });
});

describe('B10 a connection is discarded after what may concern it', () => {
  // Every one of them leaves the session usable, so that nothing but the rule ends it.
  const codes = ['25006', '25P03', '57P01', '57P02', '57P03', '08000', '08003', '08006', '08P01', '40003'];
  test.each([...codes, '0A000', '26000', 'XX000', 'ZZ999'])('B10 SQLSTATE %s', async (code) => {
    const before = await backendOf(single);
    await expect(single.transaction(raising(code))).rejects.toMatchObject({ code });
    expect(await backendOf(single)).not.toBe(before);
  });

  test('B10 also when the business function makes another error of it', async () => {
    const before = await backendOf(single);
    const hiding = single.transaction((tx) =>
      raising('25006')(tx).catch(() => Promise.reject(new Error('something else'))),
    );
    await expect(hiding).rejects.toThrow('something else');
    expect(await backendOf(single)).not.toBe(before);
  });
});

test('B10 a server that becomes read-only fails no more attempts than it has to, and then none', async () => {
  const database = opened.open({ poolSize: 4 });
  const barrier = new Barrier(database);
  const act = (sagaId: string) => barrier.do(callOf(sagaId, 'do'), input, (tx) => change(tx, sagaId, 1));
  const [row] = await opened.admin.query<{ name: string }>('SELECT current_database() AS name');
  const alter = (to: string) =>
    opened.admin.query(`ALTER DATABASE ${row?.name} SET default_transaction_read_only = ${to}`);
  await alter('on');
  // Four connections at once, all of them read-only; what is done with them only reads.
  await Promise.all(Array.from({ length: 4 }, () => database.query('SELECT pg_sleep(0.2)')));
  await alter('off');
  const failure = await failureOf(act('read-only'));
  expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: false });
  expect(failure.details).toMatchObject([{ sqlState: '25006' }]);
  // The next attempt finds none of the three others that were opened before.
  await act('read-only');
  expect(await changesOf(database, 'read-only')).toEqual([1]);
  await database.close();
});

describe('B10 a connection that is lost', () => {
  const lose = async (work: (tx: Transaction, pid: number) => Promise<unknown>) => {
    const failure = await failureOf(single.transaction(async (tx) => work(tx, await backendOf(tx))));
    await single.query('SELECT 1');
    return failure;
  };

  test('B10 in a statement, because an administrator ends it (57P01)', async () => {
    const failure = await lose(async (tx, pid) => {
      const running = tx.query('SELECT pg_sleep(30)');
      const ended = terminate(pid);
      await Promise.all([running, ended]);
    });
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: false });
    expect(failure.details).toMatchObject([{ sqlState: '57P01' }]);
  });

  test.each(['with', 'without'])('B10 between two statements, %s another one before the end', async (how) => {
    const failure = await lose(async (tx, pid) => {
      await change(tx, 'ended', 1);
      await terminate(pid);
      if (how === 'with') await change(tx, 'ended', 1);
    });
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: false });
    expect(failure.details).toMatchObject([{ sqlState: '57P01' }]);
    expect(await changesOf(single, 'ended')).toEqual([]);
  });

  test('B10 because it was idle in its transaction for too long (25P03)', async () => {
    const halting = single.transaction(async (tx) => {
      const pid = await backendOf(tx);
      await until('the session was ended', async () => {
        return (await opened.admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0;
      });
      await tx.query('SELECT 1');
    }, Date.now() + 500);
    const failure = await failureOf(halting);
    expect(failure.details).toMatchObject([{ sqlState: '25P03' }]);
    await single.query('SELECT 1');
  });

  test.each(['in', 'between'])('B10 cut %s statements', async (where) => {
    const { proxy, database } = await behindProxy();
    const cutting = database.transaction(async (tx) => {
      await change(tx, 'cut', 1);
      const running = where === 'in' ? tx.query('SELECT pg_sleep(30)') : undefined;
      proxy.cut();
      await (running ?? change(tx, 'cut', 1));
    });
    const failure = await failureOf(cutting);
    expect(failure).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false });
    await database.query('SELECT 1');
    expect(await changesOf(database, 'cut')).toEqual([]);
  });

  test('B10 cut before the answer to the COMMIT: reported, never repeated here, and the barrier answers', async () => {
    const { proxy, database } = await behindProxy();
    let runs = 0;
    const act = () =>
      new Barrier(database).do(callOf('commit', 'do'), input, async (tx) => {
        runs += 1;
        await change(tx, 'commit', 1);
        await tx.query(
          `CREATE FUNCTION pause() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(1); RETURN NULL; END $$`,
        );
        // Runs within the COMMIT, whose answer is therefore late.
        await tx.query(
          `CREATE CONSTRAINT TRIGGER late AFTER INSERT ON things DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION pause()`,
        );
        await tx.query('INSERT INTO things VALUES (3, 1)');
        return 'receipt';
      });
    const lost = errorOf(act());
    await untilActive('; COMMIT');
    proxy.cut();
    expect(toFailure(await lost)).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false });
    expect(runs).toBe(1);
    expect(await act()).toBe('receipt');
    expect(runs).toBe(1);
    expect(await changesOf(database, 'commit')).toEqual([1]);
  });

  test('B10 one that hangs is given up soon after its limit, and not used again', async () => {
    const { proxy, database } = await behindProxy();
    const before = await backendOf(database);
    const hanging = database.transaction(async (tx) => {
      await tx.query('SELECT 1');
      proxy.hang();
      await tx.query('SELECT 2');
    }, Date.now() + 500);
    const began = Date.now();
    const failure = await failureOf(hanging);
    // One limit and its grace, and no second one for a ROLLBACK that nobody answers either.
    expect(Date.now() - began).toBeLessThan(2_500);
    expect(failure).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false });
    expect(failure.message).toContain('timeout');
    expect(await backendOf(database)).not.toBe(before);
  });

  const untilActive = (end: string) =>
    until(`what ends with "${end}" is running`, async () => {
      const rows = await opened.admin.query(
        `SELECT FROM pg_stat_activity WHERE application_name = 'proxied' AND state = 'active' AND query LIKE '%' || $1`,
        [end],
      );
      return rows.length === 1;
    });

  const closing: (() => Promise<void>)[] = [];
  afterEach(async () => {
    for (const close of closing.splice(0)) await close();
  });

  async function behindProxy() {
    const url = new URL(opened.url);
    const proxy = new CuttingProxy(Number(url.port));
    url.host = `127.0.0.1:${await proxy.listen()}`;
    const database = opened.open({ url: url.href, poolSize: 1, applicationName: 'proxied' });
    closing.push(
      () => database.close(),
      () => proxy.close(),
    );
    return { proxy, database };
  }
});

describe('B10 a database that cannot be reached', () => {
  test.each(['127.0.0.1', 'localhost'])('B10 is reported without the login (%s)', async (host) => {
    const url = new URL(opened.url);
    url.host = `${host}:${await closedPort()}`;
    url.password = 'a-secret';
    const database = opened.open({ url: url.href });
    const failure = await failureOf(database.query('SELECT 1'));
    expect(failure).toMatchObject({ type: 'DATABASE_UNAVAILABLE', nonRetryable: false });
    expect(failure.message).toContain('ECONNREFUSED');
    expect(JSON.stringify([failure.message, failure.stack, failure.details, failure.cause])).not.toContain(
      'secret',
    );
    await database.close();
  });

  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
});

describe('B10 a transaction that Postgres rolled back runs again', () => {
  test('B10 after a deadlock (40P01)', async () => {
    const runs = [0, 0];
    const gates = [new Gate(), new Gate()];
    const lockBoth = (mine: number) =>
      opened.database.transaction(async (tx) => {
        runs[mine] = (runs[mine] ?? 0) + 1;
        await tx.query('UPDATE things SET n = n + 1 WHERE id = $1', [mine + 1]);
        await gates[mine]?.pass();
        await tx.query('UPDATE things SET n = n + 1 WHERE id = $1', [2 - mine]);
      });
    const both = [lockBoth(0), lockBoth(1)];
    await Promise.all(gates.map(({ reached }) => reached));
    for (const gate of gates) gate.open();
    await Promise.all(both);
    // Postgres may end both of them.
    expect((runs[0] ?? 0) + (runs[1] ?? 0)).toBeGreaterThan(2);
    expect(await opened.database.query('SELECT n FROM things WHERE id < 3')).toEqual([{ n: 3 }, { n: 3 }]);
  });

  test('B10 after a row moved to another partition (40001)', async () => {
    await opened.admin.query(
      `CREATE TABLE places (id integer, place integer) PARTITION BY LIST (place);
       CREATE TABLE here PARTITION OF places FOR VALUES IN (1);
       CREATE TABLE there PARTITION OF places FOR VALUES IN (2);
       INSERT INTO places VALUES (7, 1)`,
    );
    const gate = new Gate();
    const moving = opened.database.transaction(async (tx) => {
      await tx.query('UPDATE places SET place = 2 WHERE id = 7');
      await gate.pass();
    });
    await gate.reached;
    let runs = 0;
    const waiting = opened.database.transaction(async (tx) => {
      runs += 1;
      await tx.query('UPDATE places SET id = 8 WHERE id = 7');
    });
    await until('the second one waits', async () => {
      const rows = await opened.admin.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      );
      return rows.length === 1;
    });
    gate.open();
    await Promise.all([moving, waiting]);
    expect(runs).toBe(2);
    expect(await opened.database.query('SELECT id, place FROM places')).toEqual([{ id: 8, place: 2 }]);
  });

  test('B10 three times at most, and then the failure can be retried', async () => {
    let runs = 0;
    const failure = await failureOf(
      single.transaction((tx) => {
        runs += 1;
        return raising('40001')(tx);
      }),
    );
    expect(runs).toBe(3);
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: false });
  });

  test('B10 not after its deadline', async () => {
    let runs = 0;
    const deadline = Date.now() + 300;
    const late = single.transaction(async (tx) => {
      runs += 1;
      await tx.query('SELECT 1');
      await until('the deadline is over', () => Date.now() > deadline);
      await raising('40001')(tx);
    }, deadline);
    await expect(late).rejects.toThrow();
    expect(runs).toBe(1);
  });
});

test.each([
  ['25006', true],
  ['57P01', true],
  ['57P02', true],
  ['57P03', true],
  ['08006', true],
  ['40001', true],
  ['40P01', true],
  ['53100', true],
  ['53200', true],
  ['53300', true],
  ['55P03', true],
  ['22012', false],
  ['23505', false],
  ['54000', false],
])('B10 SQLSTATE %s can be retried: %j', async (sqlState, retryable) => {
  const failure = await failureOf(single.transaction(raising(sqlState)));
  expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: !retryable });
  expect(failure.details).toMatchObject([{ sqlState }]);
});
