import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database, Transaction } from '../../src/participant';
import { Barrier } from '../../src/participant';
import { until } from '../support/until';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, openEffectsDatabase, rowsOf } from './effects';

let opened: EffectsDatabase;
let database: Database;
let barrier: Barrier;

beforeAll(async () => {
  opened = await openEffectsDatabase('time_limits');
  ({ database } = opened);
  barrier = new Barrier(database);
});
afterAll(() => opened.drop());

const input = { sku: 'sku-tea', quantity: 2 };

describe('B7 time limits', () => {
  const settings = (tx: Transaction) =>
    tx.query<{ statement: number; idle: number }>(
      `SELECT extract(epoch FROM current_setting('statement_timeout')::interval) * 1000 AS statement,
              extract(epoch FROM current_setting('idle_in_transaction_session_timeout')::interval) * 1000 AS idle`,
    );

  test('B7 a statement gets less time than the attempt has left, and never more than configured', async () => {
    const [limited] = await database.transaction(settings, Date.now() + 5_000);
    expect(Number(limited?.statement)).toBeLessThan(5_000);
    expect(Number(limited?.statement)).toBeGreaterThan(2_000);
    expect(limited?.idle).toBe(limited?.statement);
    const [configured] = await database.transaction(settings, Date.now() + 3_600_000);
    expect(Number(configured?.statement)).toBe(20_000);
  });

  test('B7 a statement that takes longer is ended by the server before the attempt is given up', async () => {
    const deadline = Date.now() + 1_000;
    const slow = (tx: Transaction) => tx.query('SELECT pg_sleep(30)');
    await expect(barrier.do(callOf('b7', 'do'), input, slow, deadline)).rejects.toMatchObject({
      code: '57014',
    });
    expect(await rowsOf(database, 'b7')).toEqual([]);
  });

  test('B7 an attempt that halts inside its transaction loses it, and the process lives', async () => {
    const halting = async (tx: Transaction) => {
      await change(tx, 'b7-halt', 1);
      const [backend] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await untilGone(backend?.pid);
      await change(tx, 'b7-halt', 1);
    };
    await expect(barrier.do(callOf('b7-halt', 'do'), input, halting, Date.now() + 500)).rejects.toThrow();
    expect(await changesOf(database, 'b7-halt')).toEqual([]);
  });

  test('B7 nothing is begun when no time is left', async () => {
    const late = barrier.do(callOf('b7-late', 'do'), input, (tx) => change(tx, 'b7-late', 1), Date.now() - 1);
    await expect(late).rejects.toThrow('without time to end it');
  });

  async function untilGone(pid: number | undefined): Promise<void> {
    await until('the session was ended', async () => {
      return (await database.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).length === 0;
    });
  }
});

test('a connection lost while idle is reported and does not end the process', async () => {
  await Promise.all([database.query('SELECT pg_sleep(0.1)'), database.query('SELECT pg_sleep(0.1)')]);
  await database.query(
    `SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
     WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await until('the loss is reported', () => opened.lost.length > 0);
  await database.query('SELECT 1');
});
