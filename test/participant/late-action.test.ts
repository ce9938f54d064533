import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database, Transaction } from '../../src/participant';
import { ActionBlocked, Barrier, Refusal } from '../../src/participant';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, Gate, openEffectsDatabase, rowsOf, untilWaiting } from './effects';

let opened: EffectsDatabase;
let database: Database;
let barrier: Barrier;

beforeAll(async () => {
  opened = await openEffectsDatabase('late_action');
  ({ database } = opened);
  barrier = new Barrier(database);
});
afterAll(() => opened.drop());

const input = { sku: 'sku-tea', quantity: 2 };

const acting = (sagaId: string) => async (tx: Transaction) => {
  await change(tx, sagaId, 1);
  return { receipt: sagaId };
};
const undoing = (sagaId: string) => (tx: Transaction) => change(tx, sagaId, -1);

const act = (sagaId: string, given: unknown = input) =>
  barrier.do(callOf(sagaId, 'do'), given, acting(sagaId));

describe('B8 no action after its compensation', () => {
  test('B8 an action that was undone is not answered from its row any more', async () => {
    await act('undone');
    await barrier.undo(callOf('undone', 'undo'), input, undoing('undone'));
    await expect(act('undone')).rejects.toThrow(ActionBlocked);
    await expect(act('undone')).rejects.toMatchObject({
      code: 'ACTION_BLOCKED',
      message: expect.stringMatching(/comes after its compensation.*nothing was changed/),
    });
    expect(await changesOf(database, 'undone')).toEqual([1, -1]);
    expect(await rowsOf(database, 'undone')).toEqual(['do done', 'undo done']);
  });

  test('B8 a saga id that is used again finds its undone action blocked, whatever it asks for', async () => {
    await act('again');
    await barrier.undo(callOf('again', 'undo'), input, undoing('again'));
    await expect(act('again', { sku: 'sku-mug', quantity: 1 })).rejects.toThrow(ActionBlocked);
    expect(await changesOf(database, 'again')).toEqual([1, -1]);
  });

  test('B8 an action that comes while its compensation runs waits for it, and is blocked', async () => {
    await act('running');
    const gate = new Gate();
    const undone = barrier.undo(callOf('running', 'undo'), input, async (tx) => {
      await undoing('running')(tx);
      await gate.pass();
    });
    await gate.reached;
    const late = act('running');
    await untilWaiting(database, 1);
    gate.open();
    await undone;
    await expect(late).rejects.toThrow(ActionBlocked);
    expect(await changesOf(database, 'running')).toEqual([1, -1]);
  });

  test('B8 when that compensation fails, the action is answered as before', async () => {
    const first = await act('survives');
    const gate = new Gate();
    const failing = barrier.undo(callOf('survives', 'undo'), input, async () => {
      await gate.pass();
      throw new Error('not yet');
    });
    await gate.reached;
    const late = act('survives');
    await untilWaiting(database, 1);
    gate.open();
    await expect(failing).rejects.toThrow('not yet');
    expect(await late).toEqual(first);
    expect(await changesOf(database, 'survives')).toEqual([1]);
  });

  test('B8 an action that was refused stays refused after its compensation', async () => {
    const refusing = () => Promise.reject(new Refusal('NO', 'no'));
    await expect(barrier.do(callOf('refused', 'do'), input, refusing)).rejects.toThrow(Refusal);
    await barrier.undo(callOf('refused', 'undo'), input, undoing('refused'));
    await expect(act('refused')).rejects.toMatchObject({ code: 'NO' });
    expect(await rowsOf(database, 'refused')).toEqual(['do refused']);
  });

  test('B8 the happy path keeps its two statements', async () => {
    let statements = 0;
    const counting: Database = {
      ...database,
      transaction: (work, deadline) =>
        database.transaction(
          (tx) =>
            work({
              query: (text, values) => {
                statements += 1;
                return tx.query(text, values);
              },
            }),
          deadline,
        ),
    };
    await new Barrier(counting).do(callOf('counted', 'do'), input, () => Promise.resolve(1));
    expect(statements).toBe(2);
  });
});

describe('B8 the namespace is part of the key', () => {
  const prod = (op: 'do' | 'undo') => callOf('shared', op, 'reserve', 'prod');
  const staging = (op: 'do' | 'undo') => callOf('shared', op, 'reserve', 'staging');

  test('B8 the same saga id in two namespaces is two sagas', async () => {
    const inProd = await barrier.do(prod('do'), input, () => Promise.resolve({ receipt: 'prod' }));
    const inStaging = await barrier.do(staging('do'), input, () => Promise.resolve({ receipt: 'staging' }));
    expect([inProd, inStaging]).toEqual([{ receipt: 'prod' }, { receipt: 'staging' }]);
    const undone: unknown[] = [];
    await barrier.undo(staging('undo'), input, (_, { output }) => Promise.resolve(void undone.push(output)));
    expect(undone).toEqual([{ receipt: 'staging' }]);
    expect(await barrier.do(prod('do'), input, acting('shared'))).toEqual(inProd);
    await expect(barrier.do(staging('do'), input, acting('shared'))).rejects.toThrow(ActionBlocked);
  });

  test('B8 what one namespace blocks, another may do', async () => {
    await barrier.undo(callOf('blocked', 'undo', 'reserve', 'staging'), input, undoing('blocked'));
    await barrier.do(callOf('blocked', 'do', 'reserve', 'prod'), input, acting('blocked'));
    expect(await changesOf(database, 'blocked')).toEqual([1]);
  });
});
