import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { Client } from 'pg';
import { Barrier, type Database, Refusal, type Transaction } from '../../src/participant';
import { type ConnectionPool, openPool } from '../../src/participant/connections';
import { databaseOn } from '../../src/participant/database';
import { written } from '../../src/participant/literals';
import { printedSeed } from '../support/seed';
import type { EffectsDatabase } from './effects';
import { callOf, change, openEffectsDatabase } from './effects';

let opened: EffectsDatabase;
let database: Database;
let barrier: Barrier;
let preparing: Database;
const sent: string[] = [];

beforeAll(async () => {
  opened = await openEffectsDatabase('round_trips');
  const options = { url: opened.url, poolSize: 1, maxStatementMs: 20_000, applicationName: 'counted' };
  const onError = (error: Error) => void opened.lost.push(error);
  const open = (preparedStatements: boolean) =>
    databaseOn(counted(openPool({ ...options, onError })), { ...options, onError, preparedStatements });
  database = open(false);
  preparing = open(true);
  barrier = new Barrier(database);
});
afterAll(async () => {
  await database.close();
  await preparing.close();
  await opened.drop();
});

function counted(pool: ConnectionPool): ConnectionPool {
  pool.on('connect', (client) => {
    const query = client.query.bind(client);
    client.query = (one) => {
      sent.push(one.text.replace(/\s+/g, ' '));
      return query(one);
    };
  });
  return pool;
}

/** What was sent since the last call, by the first word of each statement: one message is one round trip. */
function taken(): string[] {
  return sent.splice(0).map((text) => text.replace(/(?<=^|; )(\w+).*?(?=; |$)/g, '$1'));
}

async function sentBy(work: () => Promise<unknown>): Promise<string[]> {
  await work();
  return taken();
}

const FIRST = 'BEGIN; SET; SET; INSERT';
const input = { sku: 'sku-tea' };
const act = (id: string) => barrier.do(callOf(id, 'do'), input, (tx) => change(tx, id, 1));
const undo = (id: string) => barrier.undo(callOf(id, 'undo'), input, (tx) => change(tx, id, -1));

describe('the barrier sends its first statement with BEGIN, and its last one with COMMIT', () => {
  test('B1 an action takes two round trips besides those of its business code; a repeated one takes two', async () => {
    expect(await sentBy(() => act('trip'))).toEqual([FIRST, 'INSERT', 'UPDATE; COMMIT']);
    expect(await sentBy(() => act('trip'))).toEqual([FIRST, 'SELECT; COMMIT']);
  });

  test('B2 a refusal rolls back, and is kept within two', async () => {
    const refuse = () =>
      barrier
        .do(callOf('refused', 'do'), input, () => Promise.reject(new Refusal('NO', 'no')))
        .catch(() => undefined);
    expect(await sentBy(refuse)).toEqual([FIRST, 'ROLLBACK', FIRST, 'SELECT; COMMIT']);
  });

  test('B3 a compensation', async () => {
    expect(await sentBy(() => undo('trip'))).toEqual([FIRST, 'SELECT', 'INSERT', 'INSERT', 'COMMIT']);
    expect(await sentBy(() => undo('trip'))).toEqual([FIRST, 'SELECT', 'COMMIT']);
    expect(await sentBy(() => undo('absent'))).toEqual([FIRST, 'COMMIT']);
  });

  test('B1 where statements are prepared, each goes by itself, and no text holds a value', async () => {
    const run = () =>
      new Barrier(preparing).do(callOf('prepared', 'do'), input, (tx) => change(tx, 'prepared', 1));
    await run();
    expect(sent.join()).not.toContain('sku-tea');
    expect(taken()).toEqual(['BEGIN; SET; SET', 'INSERT', 'INSERT', 'UPDATE', 'COMMIT']);
    expect(await sentBy(run)).toEqual(['BEGIN; SET; SET', 'INSERT', 'SELECT', 'COMMIT']);
  });

  test.each([
    ['as it is', () => barrier],
    ['prepared', () => new Barrier(preparing)],
  ])('B1 nothing runs in a transaction that is over: %s', async (name, of) => {
    let kept: Transaction | undefined;
    await of().do(callOf(`kept-${name}`, 'do'), input, async (tx) => {
      kept = tx;
      await change(tx, `kept-${name}`, 1);
    });
    await expect(kept?.query('SELECT 1')).rejects.toThrow('The transaction is over');
  });
});

describe('values that are written into a statement', () => {
  let client: Client;
  beforeAll(async () => {
    client = new Client({ connectionString: opened.url });
    await client.connect();
  });
  afterAll(() => client.end());

  test.each(['on', 'off'])('are what they were, with standard_conforming_strings %s', async (setting) => {
    await client.query(`SET standard_conforming_strings = ${setting}; SET escape_string_warning = off`);
    const seed = printedSeed('participant/round-trips.test.ts');
    const part = fc.constantFrom(
      "'",
      '\\',
      '$1',
      '$$',
      '"',
      ';',
      '--',
      '/*',
      '?',
      ':x',
      '\n',
      '\u00e9',
      '\u{1f980}',
      'E',
    );
    const text = fc
      .oneof(fc.string({ unit: part }), fc.string({ unit: 'grapheme' }))
      .filter((one) => !one.includes('\0') && one.isWellFormed());
    const values = fc.tuple(text, text, fc.oneof(fc.maxSafeInteger(), fc.constantFrom(undefined, null)));
    await fc.assert(
      fc.asyncProperty(values, async ([a, b, n]) => {
        const json = JSON.stringify({ [a]: b });
        const select = 'SELECT $2::text AS b, $1::text AS a, $3::bigint::text AS n, $4::jsonb AS json';
        const { rows } = await client.query(written([{ text: select, values: [a, b, n, json] }]));
        expect(rows).toEqual([{ a, b, n: typeof n === 'number' ? String(n + 0) : null, json: { [a]: b } }]);
      }),
      { seed, numRuns: 300 },
    );
  });

  test('are numbers, where they are numbers', () => {
    const statement = (value: number) => ({ text: 'SELECT 1 - $1', values: [value] });
    expect(written([statement(-1), { text: 'COMMIT' }])).toBe('SELECT 1 - (-1); COMMIT');
    expect(() => written([statement(NaN)])).toThrow('NaN is no number in SQL');
  });
});
