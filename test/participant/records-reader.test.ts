import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import type { Database, StepCall } from '../../src/participant';
import { action, Barrier, compensation, RecordsReader, Refusal } from '../../src/participant';
import type { EffectsDatabase } from './effects';
import { callOf, openEffectsDatabase } from './effects';

let opened: EffectsDatabase;
let reader: RecordsReader;
let barrier: Barrier;
beforeAll(async () => {
  opened = await openEffectsDatabase('records');
  reader = new RecordsReader('stock', opened.database);
  barrier = new Barrier(opened.database);
});
afterAll(() => opened.drop());

const anything = { parse: (value: unknown) => value };
const contract = { input: anything, output: anything };
const done = () => Promise.resolve({ answer: 42 });

const doing = (sagaId: string, step: string, said: Partial<StepCall> = {}) =>
  barrier.do({ ...callOf(sagaId, 'do', step), ...said }, { of: step }, done);
const undoing = (sagaId: string, step: string) =>
  barrier.undo(callOf(sagaId, 'undo', step), { of: step }, () => Promise.resolve());
const remaining = async (...sagaIds: string[]) =>
  (await reader.remaining('shop', sagaIds)).map(({ sagaId, step }) => `${sagaId}/${step}`).sort();

async function pagesOf(pageSize: number): Promise<string[][]> {
  const pages: string[][] = [];
  for await (const page of reader.sagaIds('shop', pageSize)) pages.push([...page]);
  return pages;
}

describe('what a row keeps', () => {
  test('an action keeps what its undoing needs: the call, and where its attempt ran', async () => {
    const before = Date.now();
    const environment = new MockActivityEnvironment(
      { startToCloseTimeoutMs: 4_000, taskQueue: 'stock-queue', namespace: 'shop' },
      { logger: new DefaultLogger('ERROR') },
    );
    const call = {
      ...callOf('kept', 'do'),
      kind: 'compensatable',
      compensation: 'giveBack',
      began: 5,
    } as const;
    await environment.run(action(opened.database, contract, done), { sku: 'tea' }, call);
    const [row] = await reader.remaining('shop', ['kept']);
    expect(row).toEqual({
      sagaId: 'kept',
      step: 'reserve',
      kind: 'compensatable',
      compensation: 'giveBack',
      began: 5,
      taskQueue: 'stock-queue',
      startToCloseMs: 4_000,
      input: { sku: 'tea' },
      output: { answer: 42 },
      at: expect.any(Number),
    });
    expect(Math.abs((row?.at ?? 0) - before)).toBeLessThan(60_000);

    await environment.run(
      compensation(opened.database, contract, () => Promise.resolve()),
      { input: { sku: 'tea' } },
      callOf('kept', 'undo'),
    );
    expect(await reader.remaining('shop', ['kept'])).toEqual([]);
  });

  test('what the caller did not say is absent, but an output of null is one', async () => {
    await barrier.do(callOf('silent', 'do'), null, () => Promise.resolve(null));
    expect(await reader.remaining('shop', ['silent'])).toEqual([
      { sagaId: 'silent', step: 'reserve', input: null, output: null, at: expect.any(Number) },
    ]);
  });
});

describe('what stands', () => {
  test('what was done and not undone; nothing that was refused, blocked, or only read', async () => {
    await doing('mixed', 'a');
    await doing('mixed', 'b');
    await undoing('mixed', 'b');
    await doing('mixed', 'read', { kind: 'read-only' });
    await undoing('mixed', 'blocked');
    const refusing = () => Promise.reject(new Refusal('NO', 'no'));
    await expect(barrier.do(callOf('mixed', 'do', 'refused'), {}, refusing)).rejects.toThrow('no');
    await doing('other', 'a');
    expect(await remaining('mixed')).toEqual(['mixed/a']);
    expect(await remaining('mixed', 'other', 'none')).toEqual(['mixed/a', 'other/a']);
    expect(await remaining()).toEqual([]);
  });

  test('page by page, each saga once, whatever stands of its neighbours', async () => {
    for (const saga of ['page-1', 'page-2', 'page-3', 'page-4', 'page-5', 'page-6']) {
      await doing(saga, 'a');
      await doing(saga, 'b');
    }
    for (const step of ['a', 'b']) for (const saga of ['page-3', 'page-4']) await undoing(saga, step);
    await undoing('page-5', 'a');
    const pages = await pagesOf(2);
    expect(pages.every((page) => page.length <= 2)).toBe(true);
    expect(pages.length).toBeGreaterThan(3);
    const all = pages.flat();
    expect(all.filter((id) => id.startsWith('page-'))).toEqual(['page-1', 'page-2', 'page-5', 'page-6']);
    expect(new Set(all).size).toBe(all.length);
    expect((await pagesOf(1_000)).flat()).toEqual(all);
  });
});

describe('B8 another namespace', () => {
  test('B8 sees nothing of what this one did under the same saga ids', async () => {
    const there = (sagaId: string) =>
      barrier.do(callOf(sagaId, 'do', 'a', 'elsewhere'), { of: 'a' }, () => Promise.resolve({ answer: 43 }));
    await doing('both', 'a');
    await there('both');
    await there('only-there');
    expect(await reader.remaining('shop', ['both', 'only-there'])).toMatchObject([
      { output: { answer: 42 } },
    ]);
    expect(await reader.remaining('elsewhere', ['both'])).toMatchObject([{ output: { answer: 43 } }]);
    expect((await pagesOf(1)).flat()).toContain('both');
    expect((await pagesOf(1)).flat()).not.toContain('only-there');
    // An undo here is no undo there.
    await undoing('both', 'a');
    expect(await reader.remaining('shop', ['both'])).toEqual([]);
    expect(await reader.remaining('elsewhere', ['both'])).toHaveLength(1);
    expect((await pagesOf(1)).flat()).not.toContain('both');
  });

  test('B8 a page is still read through the primary key, in its order', async () => {
    const seen: string[] = [];
    const { database } = opened;
    const explaining: Database = {
      ...database,
      query: async <Row>(text: string, values?: readonly unknown[]) => {
        const rows = await database.transaction(async (tx) => {
          await tx.query('SET LOCAL enable_seqscan = off');
          return tx.query<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, values);
        });
        seen.push(...rows.map((row) => row['QUERY PLAN']));
        return await database.query<Row>(text, values);
      },
    };
    for await (const page of new RecordsReader('stock', explaining).sagaIds('shop', 2)) if (page) break;
    const plan = seen.join('\n');
    expect(plan).toContain('saga_barrier_pkey');
    expect(plan).toMatch(/Index Cond: .*namespace = .*saga_id > /);
    expect(plan).not.toMatch(/Sort|Seq Scan/);
  });
});

describe('what is undone', () => {
  test('what was done and undone; nothing that stands, was refused, blocked, or only read', async () => {
    await doing('back', 'a', { kind: 'compensatable' });
    await doing('back', 'b');
    await undoing('back', 'b');
    await doing('back', 'read', { kind: 'read-only' });
    await undoing('back', 'read');
    await undoing('back', 'blocked');
    await doing('forth', 'a');
    expect(await reader.undone('shop', ['back', 'forth', 'none'])).toEqual([{ sagaId: 'back', step: 'b' }]);
    expect(await reader.undone('elsewhere', ['back'])).toEqual([]);
    expect(await reader.undone('shop', [])).toEqual([]);
  });

  test('page by page, each saga of which something is undone once', async () => {
    for (const saga of ['undone-1', 'undone-2', 'undone-3', 'undone-4']) await doing(saga, 'a');
    for (const saga of ['undone-1', 'undone-3', 'undone-4']) await undoing(saga, 'a');
    await undoing('undone-blocked', 'a');
    for (const pageSize of [1, 2, 1_000]) {
      const pages: (readonly string[])[] = [];
      for await (const page of reader.undoneSagaIds('shop', pageSize)) pages.push(page);
      expect(pages.every((page) => page.length <= pageSize)).toBe(true);
      const found = pages.flat().filter((id) => id.startsWith('undone-'));
      expect(found).toEqual(['undone-1', 'undone-3', 'undone-4']);
    }
  });
});
