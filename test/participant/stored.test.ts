import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { action, compensation, type Contract, Refusal, type StepCall } from '../../src/participant';
import { perform } from '../services/shop';
import type { EffectsDatabase } from './effects';
import { callOf, openEffectsDatabase, rowsOf } from './effects';

let opened: EffectsDatabase;
let sagas = 0;
beforeAll(async () => {
  opened = await openEffectsDatabase('stored');
});
afterAll(() => opened.drop());

interface Order {
  readonly sku: string;
}
interface Booking {
  readonly id: string;
}

const sku = z.string();
const v1 = { input: z.strictObject({ sku }), output: z.strictObject({ id: z.string() }) };

/** Does it by one version of a participant. @returns the id of the saga. */
async function doneBy<I, O>(contract: Contract<I, O>, input: unknown, answer: unknown): Promise<string> {
  const sagaId = `saga-${++sagas}`;
  const act = action(opened.database, contract, () => Promise.resolve(answer as O));
  await perform(act, input as I, callOf(sagaId, 'do'));
  return sagaId;
}

/** Undoes it by another version. @returns what the business code was given, or the failure. */
async function undoneBy<I, O>(
  contract: Contract<I, O>,
  sagaId: string,
  sent: { readonly input: unknown; readonly output?: unknown },
  said: Partial<StepCall> = {},
): Promise<unknown> {
  const given: unknown[] = [];
  const undo = compensation(opened.database, contract, (_, done) => Promise.resolve(void given.push(done)));
  try {
    await perform(undo, sent as { input: I }, { ...callOf(sagaId, 'undo'), ...said });
  } catch (error) {
    const { type, message, nonRetryable } = error as ApplicationFailure;
    return { type, message, nonRetryable };
  }
  return given[0];
}

async function keptOf(sagaId: string): Promise<unknown> {
  const [row] = await opened.database.query<{ input: unknown }>(
    `SELECT input FROM saga_barrier WHERE saga_id = $1 AND op = 'do'`,
    [sagaId],
  );
  return row?.input;
}

describe('B9 the input is kept and compared as it was sent', () => {
  test('B9 a schema with a transformation works for the business code, and the row keeps what was sent', async () => {
    const contract = {
      input: z.strictObject({ at: z.coerce.date(), note: z.string().trim().default('none') }),
      output: z.strictObject({ id: z.string() }),
    };
    const sent = { at: '2026-01-01T00:00:00.000Z' };
    const given: unknown[] = [];
    const act = action(opened.database, contract, (_, input) => {
      given.push(input);
      return Promise.resolve({ id: '1' });
    });
    const call = callOf('raw', 'do');
    await perform(act, sent as never, call);
    await perform(act, sent as never, call);
    expect(given).toEqual([{ at: new Date(sent.at), note: 'none' }]);
    expect(await keptOf('raw')).toEqual(sent);
    expect(await undoneBy(contract, 'raw', { input: sent })).toEqual({
      input: { at: new Date(sent.at), note: 'none' },
      output: { id: '1' },
    });
  });

  test('B9 a field with a default that is new since makes no conflict, neither of a repeat nor of the undo', async () => {
    const sagaId = await doneBy(v1, { sku: 'sku-tea' }, { id: '1' });
    const v2 = { ...v1, input: z.strictObject({ sku, gift: z.boolean().default(false) }) };
    const act = action(opened.database, v2, () => Promise.reject(new Error('must not act twice')));
    expect(await perform(act, { sku: 'sku-tea' } as never, callOf(sagaId, 'do'))).toEqual({ id: '1' });
    expect(await undoneBy(v2, sagaId, { input: { sku: 'sku-tea' } })).toEqual({
      input: { sku: 'sku-tea', gift: false },
      output: { id: '1' },
    });
  });

  test('B9 what the business code does to its input is not kept', async () => {
    const contract: Contract<Order, Booking> = {
      input: { parse: (value) => value as Order },
      output: v1.output,
    };
    const refuse = action(opened.database, contract, (_, input) => {
      Object.assign(input, { sku: 'changed' });
      return Promise.reject(new Refusal('NO', 'no'));
    });
    await expect(perform(refuse, { sku: 'sku-tea' }, callOf('changed', 'do'))).rejects.toMatchObject({
      type: 'NO',
    });
    expect(await keptOf('changed')).toEqual({ sku: 'sku-tea' });
  });

  test('B9 what differs as sent is a conflict, also where the schema makes it the same', async () => {
    const contract = { ...v1, input: z.strictObject({ sku: z.string().trim() }) };
    const sagaId = await doneBy(contract, { sku: 'sku-tea' }, { id: '1' });
    expect(await undoneBy(contract, sagaId, { input: { sku: ' sku-tea' } })).toMatchObject({
      type: 'KEY_CONFLICT',
    });
  });
});

describe('B9 a compatible change of a contract needs nothing', () => {
  const stored = { input: { sku: 'tea', gift: true }, output: { id: 'b', seat: 7 } };
  const before: Contract<object, object> = {
    input: z.strictObject({ sku, gift: z.boolean() }),
    output: z.strictObject({ id: z.string(), seat: z.int() }),
  };
  const compatible: Record<string, Contract<object, object>> = {
    'a new optional field': {
      input: z.strictObject({ sku, gift: z.boolean(), note: z.string().optional() }),
      output: before.output,
    },
    'a removed field': { input: z.strictObject({ sku }), output: z.strictObject({ id: z.string() }) },
    'a stricter rule': {
      input: z.strictObject({ sku: z.string().min(5), gift: z.boolean() }),
      output: z.strictObject({ id: z.uuid(), seat: z.int().max(5) }),
    },
    'a stricter rule over all of it': {
      input: z.strictObject({ sku, gift: z.boolean() }).refine(() => false, 'no'),
      output: before.output,
    },
  };
  test.each(Object.entries(compatible))('B9 %s', async (_, now) => {
    const sagaId = await doneBy(before, stored.input, stored.output);
    expect(await undoneBy(now, sagaId, { input: stored.input })).toEqual(stored);
  });

  test('B9 a new field with a default is filled in', async () => {
    const sagaId = await doneBy(before, stored.input, stored.output);
    const now = { ...before, output: z.object({ id: z.string(), carrier: z.string().default('post') }) };
    expect(await undoneBy(now, sagaId, { input: stored.input })).toEqual({
      input: stored.input,
      output: { id: 'b', carrier: 'post' },
    });
  });
});

describe('B9 an incompatible change', () => {
  const v2 = { ...v1, output: z.strictObject({ id: z.string(), seat: z.int() }) };
  const input = { sku: 'sku-tea' };

  test('B9 nobody guesses at a value of another type: the failure names it, and nothing is changed', async () => {
    const sagaId = await doneBy(v1, input, { id: '1' });
    expect(await undoneBy(v2, sagaId, { input })).toEqual({
      type: 'INVALID_INPUT',
      nonRetryable: true,
      message: expect.stringMatching(/stored output.*seat/),
    });
    expect(await rowsOf(opened.database, sagaId)).toEqual(['do done']);
  });

  test('B9 a rule that was broken is no reason to hand on what the schema would have changed', async () => {
    const sagaId = await doneBy(v1, input, { id: '1' });
    const changing = {
      ...v1,
      input: z.strictObject({ sku: z.string().min(100), at: z.coerce.date().optional() }),
    };
    expect(await undoneBy(changing, sagaId, { input })).toMatchObject({
      type: 'INVALID_INPUT',
      message: expect.stringMatching(/stored input.*sku/),
    });
  });

  test('B9 the contract says how what older versions stored is read', async () => {
    const sagaId = await doneBy(v1, input, { id: '1' });
    const reading = { ...v2, stored: { output: v1.output.transform(({ id }) => ({ id, seat: 0 })) } };
    expect(await undoneBy(reading, sagaId, { input })).toEqual({ input, output: { id: '1', seat: 0 } });
  });

  test('S6 the desk corrects the output, which is used instead of the stored one', async () => {
    const sagaId = await doneBy(v1, input, { id: '1' });
    const corrected = { input, output: { id: '1', seat: 7 } };
    expect(await undoneBy(v2, sagaId, corrected)).toMatchObject({ type: 'INVALID_INPUT' });
    expect(await undoneBy(v2, sagaId, corrected, { correctedOutput: true })).toEqual(corrected);
    expect(await rowsOf(opened.database, sagaId)).toEqual(['do done', 'undo done']);
  });

  test('S6 a corrected output does not excuse another input', async () => {
    const sagaId = await doneBy(v1, input, { id: '1' });
    const corrected = { input: { sku: 'sku-mug' }, output: { id: '1', seat: 7 } };
    expect(await undoneBy(v2, sagaId, corrected, { correctedOutput: true })).toMatchObject({
      type: 'KEY_CONFLICT',
    });
  });

  test('S6 the desk corrects the input, which is used instead of the stored one; it must fit', async () => {
    const now = { ...v1, input: z.strictObject({ sku: z.int() }) };
    const sagaId = await doneBy(v1, input, { id: '1' });
    expect(await undoneBy(now, sagaId, { input })).toMatchObject({ type: 'INVALID_INPUT' });
    expect(await undoneBy(now, sagaId, { input }, { corrected: true })).toMatchObject({
      type: 'INVALID_INPUT',
      message: expect.stringContaining('corrected input'),
    });
    expect(await undoneBy(now, sagaId, { input: { sku: 7 } }, { corrected: true })).toEqual({
      input: { sku: 7 },
      output: { id: '1' },
    });
  });
});

test('B9 without a correction the undo works from what is stored, not from what it is sent', async () => {
  const sagaId = await doneBy<Order, Booking>(v1, { sku: 'sku-tea' }, { id: '1' });
  const sent = { input: { sku: 'sku-tea' }, output: { id: 'another' } };
  expect(await undoneBy(v1, sagaId, sent)).toEqual({ input: { sku: 'sku-tea' }, output: { id: '1' } });
});
