import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { z } from 'zod';
import { action, compensation, type Schema } from '../../src/participant';
import { perform } from '../services/shop';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, openEffectsDatabase, rowsOf } from './effects';

let opened: EffectsDatabase;
let sagas = 0;
beforeAll(async () => {
  opened = await openEffectsDatabase('answer');
});
afterAll(() => opened.drop());

const anything: Schema<unknown> = { parse: (value) => value };

const acting = (output: Schema<unknown>, answer: unknown) =>
  action(opened.database, { input: anything, output }, async (tx, _, { sagaId }) => {
    await change(tx, sagaId, 1);
    return answer;
  });

class Money {
  constructor(readonly amount: number) {}
}

const cycle: Record<string, unknown> = {};
cycle['self'] = cycle;

describe('B9 what does not survive JSON is refused before the commit', () => {
  test.each<[string, unknown, string]>([
    ['a date', { at: new Date(0) }, 'answer.at: Date'],
    ['NaN', { n: Number.NaN }, 'answer.n: NaN'],
    ['Infinity', [Infinity], 'answer.0: Infinity'],
    ['undefined in an array', { all: [1, undefined] }, 'answer.all.1: undefined'],
    ['a hole in an array', { all: Object.assign([], { length: 1 }) }, 'answer.all.0: undefined'],
    ['a Map', new Map([[1, 2]]), 'answer: Map'],
    ['a Set', { of: new Set([1]) }, 'answer.of: Set'],
    ['a bigint', { n: 1n }, 'cannot be written as JSON'],
    ['an instance of a class', { total: new Money(1) }, 'answer.total: Money'],
    ['a function', { f: () => 1 }, 'answer.f: function'],
    ['a symbol', { s: Symbol('x') }, 'answer.s: symbol'],
    ['bytes', { bytes: Buffer.from('x') }, 'answer.bytes: Buffer'],
    ['a cycle', cycle, 'cannot be written as JSON'],
    ['U+0000', { text: 'a\0b' }, 'answer.text: must hold neither U+0000'],
    ['half a surrogate pair', { text: '\ud800' }, 'answer.text: must hold neither U+0000'],
  ])('B9 %s', async (_, answer, problem) => {
    const sagaId = `lost-${++sagas}`;
    const failure = await perform(acting(anything, answer), null, callOf(sagaId, 'do')).then(
      () => undefined,
      (error: unknown) => error as ApplicationFailure,
    );
    expect(failure).toMatchObject({ type: 'ANSWER_NOT_JSON', nonRetryable: true });
    expect(failure?.message).toContain(problem);
    expect(await changesOf(opened.database, sagaId)).toEqual([]);
    expect(await rowsOf(opened.database, sagaId)).toEqual([]);
  });

  test.each<[string, Schema<unknown>, unknown]>([
    ['does not accept what it returned', z.string().transform(Number), '7'],
    ['reads something else from it', z.string().transform((text) => `${text}!`), 'x'],
    ['has no null for no answer', z.undefined(), undefined],
  ])('B9 an answer of which the schema %s', async (_, output, answer) => {
    const sagaId = `lost-${++sagas}`;
    await expect(perform(acting(output, answer), null, callOf(sagaId, 'do'))).rejects.toMatchObject({
      type: 'ANSWER_NOT_JSON',
      nonRetryable: true,
    });
    expect(await rowsOf(opened.database, sagaId)).toEqual([]);
  });

  test.each<[string, Schema<unknown>, unknown, unknown]>([
    ['no answer at all', anything, undefined, null],
    ['a field that is undefined', anything, { a: 1, b: undefined }, { a: 1 }],
    ['negative zero', anything, { n: -0 }, { n: 0 }],
    ['an object without a prototype', anything, Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['a text that is trimmed', z.string().trim(), ' x ', 'x'],
    [
      'a date that the schema writes',
      z.coerce.date().transform((at) => at.toISOString()),
      new Date(0),
      '1970-01-01T00:00:00.000Z',
    ],
  ])('B9 %s has a meaning in JSON: it is answered, and undone', async (_, output, answer, meaning) => {
    const sagaId = `kept-${++sagas}`;
    expect(await perform(acting(output, answer), null, callOf(sagaId, 'do'))).toEqual(meaning);
    const given: unknown[] = [];
    const undo = compensation(opened.database, { input: anything, output }, (_tx, done) =>
      Promise.resolve(void given.push(done.output)),
    );
    await perform(undo, { input: null }, callOf(sagaId, 'undo'));
    expect(given).toEqual([meaning]);
  });
});

describe('B9 an output that no JSON holds is refused where the contract is declared', () => {
  test.each<[string, Schema<unknown>, string]>([
    ['z.date()', z.date(), 'output is a date'],
    ['a date in an object', z.object({ at: z.date().optional() }), 'output.at is a date'],
    ['z.coerce.date()', z.object({ of: z.array(z.coerce.date()) }), 'output.of is a date'],
    ['z.bigint()', z.object({ n: z.bigint() }).partial(), 'output.n is a bigint'],
    ['z.map()', z.map(z.string(), z.string()), 'output is a map'],
    ['z.set()', z.record(z.string(), z.set(z.string())), 'output is a set'],
    ['a transformation into a date', z.string().pipe(z.coerce.date()), 'output is a date'],
  ])('B9 %s', (_, output, problem) => {
    expect(() => acting(output, null)).toThrow(
      expect.objectContaining({ code: 'ANSWER_NOT_JSON', message: expect.stringContaining(problem) }),
    );
  });

  test('B9 what may be JSON is left to each answer, and a schema that refers to itself ends', () => {
    const tree = z.object({
      name: z.string(),
      get children() {
        return z.array(tree);
      },
    });
    const either = z.union([z.date().transform((at) => at.toISOString()), z.iso.datetime()]);
    for (const output of [tree, either, anything]) expect(() => acting(output, null)).not.toThrow();
  });
});
