import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { findError } from '../../cli/error-catalogue/catalogue';
import type { Operation, StepCall } from '../../src/saga/call';
import { action, compensation, type Database, Refusal } from '../../src/participant';
import type { ServiceName } from '../../services/names';
import { openEffectsDatabase, type EffectsDatabase, rowsOf } from '../participant/effects';
import { callOf, openShop, orderOf, perform, type Shop } from '../services/shop';
import { spoiled, strangeText } from '../support/strange';

let shop: Shop;
let effects: EffectsDatabase;
let sagas = 0;

beforeAll(async () => {
  [shop, effects] = await Promise.all([openShop('activities_input'), openEffectsDatabase('text_input')]);
});
afterAll(async () => {
  await shop.close();
  await effects.drop();
});

type Activity = (argument: never, call: StepCall) => Promise<unknown>;

/** Calls an activity as it arrives over the wire: as JSON. */
async function attempt(
  activity: Activity,
  argument: unknown,
  call: unknown,
): Promise<ApplicationFailure | undefined> {
  const [sent, said] = JSON.parse(JSON.stringify([argument, call])) as unknown[];
  return await perform(
    activity as (a: unknown, c: StepCall) => Promise<unknown>,
    sent,
    said as StepCall,
  ).then(
    () => undefined,
    (error: unknown) => error as ApplicationFailure,
  );
}

/** All that a service's database holds. */
async function contentOf(database: Database): Promise<string> {
  const [row] = await database.query<{ content: string }>(
    `SELECT string_agg(table_name || md5(query_to_xml(format('SELECT t::text FROM %I AS t ORDER BY 1', table_name),
       true, true, '')::text), ' ' ORDER BY table_name) AS content
     FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`,
  );
  return row?.content ?? '';
}

const REFUSALS = [
  'UNKNOWN_PRODUCT',
  'ORDER_EXISTS',
  'OUT_OF_STOCK',
  'CARD_DECLINED',
  'INSUFFICIENT_FUNDS',
  'UNDELIVERABLE',
];

const total = { amount: 100, currency: 'EUR' };
const { lines, shipTo, card, customerId } = orderOf('any');
const inputs = (orderId: string) => ({
  openOrder: ['order', orderOf(orderId)],
  confirmOrder: ['order', { orderId }],
  reserveStock: ['inventory', { orderId, lines: lines.map((line) => ({ ...line, quantity: 1 })) }],
  shipStock: ['inventory', { orderId, reservationId: randomUUID() }],
  authorisePayment: ['payment', { orderId, customerId, card, total }],
  capturePayment: ['payment', { orderId, authorisationId: randomUUID(), total }],
  bookShipment: ['shipping', { orderId, lines, shipTo }],
  dispatchShipment: ['shipping', { orderId, shipmentId: randomUUID(), carrier: 'post' }],
});
type Action_ = keyof ReturnType<typeof inputs>;
const actions = Object.keys(inputs('any')) as Action_[];
const undoOf: Partial<Record<Action_, 'closeOrder' | 'releaseStock' | 'voidPayment' | 'cancelShipment'>> = {
  openOrder: 'closeOrder',
  reserveStock: 'releaseStock',
  authorisePayment: 'voidPayment',
  bookShipment: 'cancelShipment',
};

describe('a payload of another version, or of nobody’s, changes nothing and says why', () => {
  test.each(actions)('%s', async (name) => {
    const [service, good] = inputs('order-x')[name] as [ServiceName, object];
    const database = shop.databases[service];
    const call = { ...callOf('saga-x', name, 'do'), kind: 'compensatable', began: 1, compensation: 'undo' };
    const arguments_ = fc.oneof(
      spoiled(good).map((argument) => [argument, call]),
      spoiled(call).map((spoiledCall) => [good, spoiledCall]),
    );
    let refused = 0;
    await fc.assert(
      fc.asyncProperty(arguments_, async ([argument, said]) => {
        const sagaId = `saga-${++sagas}`;
        const own = said === call ? { ...call, sagaId } : said;
        const before = await contentOf(database);
        const failure = await attempt(shop[name] as Activity, argument, own);
        // What is still of the right form, or only says more in its call, may act.
        if (!failure) return;
        refused += 1;
        const code = failure.type ?? '';
        expect({ code, known: findError(code) !== undefined }).toEqual({ code, known: true });
        expect(failure.nonRetryable).toBe(true);
        expect(failure.message.length).toBeLessThan(2_001);
        expect(failure.message.isWellFormed()).toBe(true);
        if (!REFUSALS.includes(code)) expect(await contentOf(database)).toBe(before);
      }),
      { numRuns: 40 },
    );
    expect(refused).toBeGreaterThan(5);
  });

  test.each(Object.entries(undoOf))('what %s did is undone by its own input only', async (name, undo) => {
    const sagaId = `saga-${++sagas}`;
    const [service, input] = inputs(`order-${sagaId}`)[name as Action_] as [ServiceName, object];
    const database = shop.databases[service];
    const callFor = (op: Operation) => ({
      ...callOf(sagaId, name, op),
      ...(op === 'undo' && { reason: 'NO' }),
    });
    expect(await attempt(shop[name as Action_] as Activity, input, callFor('do'))).toBeUndefined();
    const before = await contentOf(database);
    await fc.assert(
      fc.asyncProperty(spoiled({ input }), async (argument) => {
        const sent = JSON.parse(JSON.stringify(argument)) as { input?: unknown };
        fc.pre(JSON.stringify(sent.input) !== JSON.stringify(input));
        const failure = await attempt(shop[undo] as Activity, sent, callFor('undo'));
        expect(failure?.type).toBe('KEY_CONFLICT');
        expect(await contentOf(database)).toBe(before);
      }),
      { numRuns: 25 },
    );
    expect(await attempt(shop[undo] as Activity, { input }, callFor('undo'))).toBeUndefined();
    expect(await contentOf(database)).not.toBe(before);
  });
});

describe('any text', () => {
  const contract = {
    input: z.strictObject({ text: z.string() }),
    output: z.strictObject({ text: z.string() }),
  };

  test('is kept and answered as it is, or refused because the database cannot keep it', async () => {
    let kept = 0;
    const echo = action(effects.database, contract, (_, input) => Promise.resolve(input));
    await fc.assert(
      fc.asyncProperty(strangeText, async (text) => {
        const sagaId = `text-${++sagas}`;
        const call = callOf(sagaId, 'echo', 'do');
        if (text.isWellFormed() && !text.includes('\0')) {
          kept += 1;
          expect(await perform(echo, { text }, call)).toEqual({ text });
          // RetriedBy: what is stored.
          expect(await perform(echo, { text }, call)).toEqual({ text });
        } else {
          expect(await attempt(echo as Activity, { text }, call)).toMatchObject({ type: 'INVALID_INPUT' });
          expect(await rowsOf(effects.database, sagaId)).toEqual([]);
          // So its compensation finds nothing to undo, and blocks it for good.
          const undo = compensation(effects.database, contract, () =>
            Promise.reject(new Error('nothing was done')),
          );
          await perform(undo, { input: { text } }, callOf(sagaId, 'echo', 'undo'));
          expect(await rowsOf(effects.database, sagaId)).toEqual(['do blocked']);
        }
      }),
      { numRuns: 150 },
    );
    expect(kept).toBeGreaterThan(20);
  });

  test('in a refusal is kept, so that a late duplicate is refused as well', async () => {
    await fc.assert(
      fc.asyncProperty(strangeText, async (text) => {
        const refuse = action(effects.database, contract, () => Promise.reject(new Refusal('NO', text)));
        const agree = action(effects.database, contract, (_, input) => Promise.resolve(input));
        const call = callOf(`refusal-${++sagas}`, 'refuse', 'do');
        const first = await attempt(refuse as Activity, { text: '' }, call);
        expect(first).toMatchObject({ type: 'NO', category: 'BENIGN' });
        expect(await attempt(agree as Activity, { text: '' }, call)).toMatchObject({
          type: 'NO',
          message: first?.message,
        });
      }),
      { numRuns: 60 },
    );
  });

  test('as a saga’s id or a step’s name is one key, or refused', async () => {
    const echo = action(effects.database, contract, (_, input) => Promise.resolve(input));
    const long = fc.constantFrom('x'.repeat(255), 'x'.repeat(256), 'x'.repeat(5_000));
    await fc.assert(
      fc.asyncProperty(fc.oneof(strangeText, long), async (text) => {
        const name = `${++sagas} ${text}`;
        for (const [sagaId, step] of [
          [name, 'echo'],
          [`saga-${sagas}`, name],
        ] as const) {
          const failure = await attempt(
            echo as Activity,
            { text: '' },
            {
              namespace: 'default',
              sagaId,
              step,
              op: 'do',
              key: 'k',
            },
          );
          const keeps = name.isWellFormed() && !name.includes('\0') && name.length <= 255;
          expect(failure?.type).toBe(keeps ? undefined : 'INVALID_INPUT');
          if (keeps) expect(await rowsOf(effects.database, sagaId)).toEqual(['do done']);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('participants of two versions', () => {
  const older = { input: z.strictObject({ sku: z.string() }), output: z.strictObject({ id: z.string() }) };
  const newer = { input: z.strictObject({ sku: z.string(), gift: z.boolean() }), output: older.output };
  const input = { sku: 'sku-tea', gift: true };

  test('what the newer one did, the older one undoes too: it lacks nothing that it knows', async () => {
    const { database } = effects;
    const done = action(database, newer, () => Promise.resolve({ id: '1' }));
    await perform(done, input, callOf('versions', 'wrap', 'do'));
    const undone: unknown[] = [];
    const undo = compensation(database, older, (_, what) => Promise.resolve(void undone.push(what)));
    expect(await attempt(undo as Activity, { input }, callOf('versions', 'wrap', 'undo'))).toBeUndefined();
    expect(undone).toEqual([{ input, output: { id: '1' } }]);
  });

  test('a stored answer that does not fit any more is not guessed at', async () => {
    const { database } = effects;
    const olderAnswer = { ...older, output: z.strictObject({ ref: z.int() }) };
    await perform(
      action(database, olderAnswer, () => Promise.resolve({ ref: 7 })),
      { sku: 'sku-tea' },
      callOf('answers', 'wrap', 'do'),
    );
    const undo = compensation(database, older, () => Promise.reject(new Error('must not run')));
    expect(
      await attempt(undo as Activity, { input: { sku: 'sku-tea' } }, callOf('answers', 'wrap', 'undo')),
    ).toMatchObject({ type: 'INVALID_INPUT', nonRetryable: true });
    expect(await rowsOf(database, 'answers')).toEqual(['do done']);
  });
});

test('an answer too large to be told is taken back', async () => {
  const contract = { input: z.strictObject({}), output: z.string() };
  const answering = (bytes: number) =>
    action(effects.database, contract, () => Promise.resolve('x'.repeat(bytes)));
  const failure = await attempt(answering(1_000_001) as Activity, {}, callOf('large', 'answer', 'do'));
  expect(failure).toMatchObject({ type: 'ANSWER_TOO_LARGE', nonRetryable: true });
  expect(await rowsOf(effects.database, 'large')).toEqual([]);
  expect(await attempt(answering(999_000) as Activity, {}, callOf('large', 'answer', 'do'))).toBeUndefined();
});
