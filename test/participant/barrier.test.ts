import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Database, Transaction } from '../../src/participant';
import { ActionBlocked, Barrier, KeyConflict, Refusal } from '../../src/participant';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, Gate, openEffectsDatabase, rowsOf, untilWaiting } from './effects';

let opened: EffectsDatabase;
let database: Database;
let barrier: Barrier;

beforeAll(async () => {
  opened = await openEffectsDatabase('barrier');
  ({ database } = opened);
  barrier = new Barrier(database);
});
afterAll(() => opened.drop());

const input = { sku: 'sku-tea', quantity: 2 };

/** An action that makes its change and answers with a number of its own. */
function acting(sagaId: string, gate?: Gate) {
  return async (tx: Transaction) => {
    await change(tx, sagaId, 1);
    await gate?.pass();
    return { receipt: Math.random() };
  };
}

const undoing = (sagaId: string) => (tx: Transaction) => change(tx, sagaId, -1);

describe('B1 do', () => {
  test('B1 a repeated call returns the stored outcome and does not act again', async () => {
    const first = await barrier.do(callOf('b1-repeat', 'do'), input, acting('b1-repeat'));
    const second = await barrier.do(callOf('b1-repeat', 'do'), input, acting('b1-repeat'));
    expect(second).toEqual(first);
    expect(await changesOf(database, 'b1-repeat')).toEqual([1]);
  });

  test('B1 the first answer is what every later one will be: it went through JSON too', async () => {
    const work = () => Promise.resolve({ at: new Date(0), none: undefined });
    const first = await barrier.do(callOf('b1-json', 'do'), input, work);
    expect(first).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect(await barrier.do(callOf('b1-json', 'do'), input, work)).toEqual(first);
  });

  test('B1 two identical calls at once act once, and both get the outcome', async () => {
    const gate = new Gate();
    const first = barrier.do(callOf('b1-twice', 'do'), input, acting('b1-twice', gate));
    await gate.reached;
    const second = barrier.do(callOf('b1-twice', 'do'), input, acting('b1-twice'));
    await untilWaiting(database, 1);
    gate.open();
    expect(await second).toEqual(await first);
    expect(await changesOf(database, 'b1-twice')).toEqual([1]);
  });

  test('B1 when the first of two calls fails, the second one acts', async () => {
    const gate = new Gate();
    const first = barrier.do(callOf('b1-fail', 'do'), input, async (tx) => {
      await acting('b1-fail', gate)(tx);
      throw new Error('lost its way');
    });
    await gate.reached;
    const second = barrier.do(callOf('b1-fail', 'do'), input, acting('b1-fail'));
    await untilWaiting(database, 1);
    gate.open();
    await expect(first).rejects.toThrow('lost its way');
    await second;
    expect(await changesOf(database, 'b1-fail')).toEqual([1]);
  });

  test('B1 an error leaves no trace, so that a retry acts', async () => {
    const failing = async (tx: Transaction) => {
      await change(tx, 'b1-error', 1);
      throw new Error('no answer');
    };
    await expect(barrier.do(callOf('b1-error', 'do'), input, failing)).rejects.toThrow('no answer');
    expect(await changesOf(database, 'b1-error')).toEqual([]);
    expect(await rowsOf(database, 'b1-error')).toEqual([]);
    await barrier.do(callOf('b1-error', 'do'), input, acting('b1-error'));
    expect(await changesOf(database, 'b1-error')).toEqual([1]);
  });

  test('B1 a connection cut between the change and the commit leaves nothing, and a retry acts', async () => {
    const cut = async (tx: Transaction) => {
      await change(tx, 'b1-cut', 1);
      const [backend] = await tx.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
      await database.query('SELECT pg_terminate_backend($1, 10000)', [backend?.pid]);
      return 'never stored';
    };
    await expect(barrier.do(callOf('b1-cut', 'do'), input, cut)).rejects.toThrow();
    expect(await changesOf(database, 'b1-cut')).toEqual([]);
    expect(await rowsOf(database, 'b1-cut')).toEqual([]);
    await barrier.do(callOf('b1-cut', 'do'), input, acting('b1-cut'));
    expect(await changesOf(database, 'b1-cut')).toEqual([1]);
  });

  test('B1 a swallowed SQL error is not taken for success', async () => {
    const swallowing = async (tx: Transaction) => {
      await change(tx, 'b1-swallow', 1);
      await tx.query('SELECT 1 / 0').catch(() => undefined);
    };
    await expect(barrier.do(callOf('b1-swallow', 'do'), input, swallowing)).rejects.toThrow();
    await expect(database.transaction(swallowing)).rejects.toThrow('rolled back');
    expect(await changesOf(database, 'b1-swallow')).toEqual([]);
  });
});

describe('B2 refusal', () => {
  const refusing = (sagaId: string) => async (tx: Transaction) => {
    await change(tx, sagaId, 1);
    throw new Refusal('OUT_OF_STOCK', 'none left');
  };

  test('B2 the change is rolled back, the refusal is kept, and a late duplicate is refused', async () => {
    const refused = { code: 'OUT_OF_STOCK', message: 'none left' };
    await expect(barrier.do(callOf('b2', 'do'), input, refusing('b2'))).rejects.toMatchObject(refused);
    await expect(barrier.do(callOf('b2', 'do'), input, acting('b2'))).rejects.toMatchObject(refused);
    expect(await changesOf(database, 'b2')).toEqual([]);
    expect(await rowsOf(database, 'b2')).toEqual(['do refused']);
  });

  test('B2 two calls at once get one and the same outcome', async () => {
    const gate = new Gate();
    const first = barrier.do(callOf('b2-twice', 'do'), input, async (tx) => {
      await gate.pass();
      return refusing('b2-twice')(tx);
    });
    await gate.reached;
    const second = barrier.do(callOf('b2-twice', 'do'), input, acting('b2-twice'));
    await untilWaiting(database, 1);
    gate.open();
    const answers = await Promise.allSettled([first, second]);
    expect(new Set(answers.map((answer) => answer.status)).size).toBe(1);
    const acted = answers[0].status === 'fulfilled';
    expect(await changesOf(database, 'b2-twice')).toEqual(acted ? [1] : []);
  });
});

describe('B3 undo', () => {
  test('B3 undoing twice undoes once', async () => {
    await barrier.do(callOf('b3', 'do'), input, acting('b3'));
    await barrier.undo(callOf('b3', 'undo'), input, undoing('b3'));
    await barrier.undo(callOf('b3', 'undo'), input, undoing('b3'));
    expect(await changesOf(database, 'b3')).toEqual([1, -1]);
  });

  test('B3 two undos at once undo once', async () => {
    await barrier.do(callOf('b3-twice', 'do'), input, acting('b3-twice'));
    const gate = new Gate();
    const first = barrier.undo(callOf('b3-twice', 'undo'), input, async (tx) => {
      await undoing('b3-twice')(tx);
      await gate.pass();
    });
    await gate.reached;
    const second = barrier.undo(callOf('b3-twice', 'undo'), input, undoing('b3-twice'));
    await untilWaiting(database, 1);
    gate.open();
    await Promise.all([first, second]);
    expect(await changesOf(database, 'b3-twice')).toEqual([1, -1]);
  });

  test('B3 the compensation gets the stored input and result', async () => {
    const { receipt } = await barrier.do(callOf('b3-result', 'do'), input, acting('b3-result'));
    const given: unknown[] = [];
    await barrier.undo(callOf('b3-result', 'undo'), input, (_, stored) => {
      given.push(stored);
      return Promise.resolve();
    });
    expect(given).toEqual([{ input, output: { receipt } }]);
  });

  test('B3 an action still in flight is waited for and then undone', async () => {
    const gate = new Gate();
    const action = barrier.do(callOf('b3-flight', 'do'), input, acting('b3-flight', gate));
    await gate.reached;
    const compensation = barrier.undo(callOf('b3-flight', 'undo'), input, undoing('b3-flight'));
    await untilWaiting(database, 1);
    gate.open();
    await Promise.all([action, compensation]);
    expect(await changesOf(database, 'b3-flight')).toEqual([1, -1]);
  });

  test('B3 an action that failed in flight is blocked, not undone', async () => {
    const gate = new Gate();
    const action = barrier.do(callOf('b3-died', 'do'), input, async (tx) => {
      await acting('b3-died', gate)(tx);
      throw new Error('died');
    });
    await gate.reached;
    const compensation = barrier.undo(callOf('b3-died', 'undo'), input, undoing('b3-died'));
    await untilWaiting(database, 1);
    gate.open();
    await expect(action).rejects.toThrow('died');
    await compensation;
    expect(await rowsOf(database, 'b3-died')).toEqual(['do blocked']);
    expect(await changesOf(database, 'b3-died')).toEqual([]);
  });

  test('B3 a refused action has nothing to undo', async () => {
    const refusing = () => Promise.reject(new Refusal('NO', 'no'));
    await expect(barrier.do(callOf('b3-refused', 'do'), input, refusing)).rejects.toThrow(Refusal);
    await barrier.undo(callOf('b3-refused', 'undo'), input, undoing('b3-refused'));
    expect(await changesOf(database, 'b3-refused')).toEqual([]);
    expect(await rowsOf(database, 'b3-refused')).toEqual(['do refused']);
  });

  test('B3 a compensation that fails leaves the action undoable', async () => {
    await barrier.do(callOf('b3-again', 'do'), input, acting('b3-again'));
    const failing = async (tx: Transaction) => {
      await undoing('b3-again')(tx);
      throw new Error('not yet');
    };
    await expect(barrier.undo(callOf('b3-again', 'undo'), input, failing)).rejects.toThrow('not yet');
    expect(await changesOf(database, 'b3-again')).toEqual([1]);
    await barrier.undo(callOf('b3-again', 'undo'), input, undoing('b3-again'));
    expect(await changesOf(database, 'b3-again')).toEqual([1, -1]);
  });
});

test('B4 an action that comes after its compensation fails and changes nothing', async () => {
  await barrier.undo(callOf('b4', 'undo'), input, undoing('b4'));
  await barrier.undo(callOf('b4', 'undo'), input, undoing('b4'));
  await expect(barrier.do(callOf('b4', 'do'), input, acting('b4'))).rejects.toThrow(ActionBlocked);
  expect(await changesOf(database, 'b4')).toEqual([]);
  expect(await rowsOf(database, 'b4')).toEqual(['do blocked']);
});

describe('B5 the same key with another input', () => {
  const other = { ...input, quantity: 3 };

  test('B5 is a conflict for an action that was done or refused', async () => {
    await barrier.do(callOf('b5', 'do'), input, acting('b5'));
    await expect(barrier.do(callOf('b5', 'do'), other, acting('b5'))).rejects.toThrow(KeyConflict);
    const refusing = () => Promise.reject(new Refusal('NO', 'no'));
    await expect(barrier.do(callOf('b5-no', 'do'), input, refusing)).rejects.toThrow(Refusal);
    await expect(barrier.do(callOf('b5-no', 'do'), other, acting('b5-no'))).rejects.toThrow(KeyConflict);
    expect(await changesOf(database, 'b5-no')).toEqual([]);
  });

  test('B5 does not undo what another input did', async () => {
    await barrier.do(callOf('b5-undo', 'do'), input, acting('b5-undo'));
    const undone = barrier.undo(callOf('b5-undo', 'undo'), other, undoing('b5-undo'));
    await expect(undone).rejects.toThrow(KeyConflict);
    expect(await changesOf(database, 'b5-undo')).toEqual([1]);
  });

  test('S6 undoes with another input that an operator has corrected, once', async () => {
    await barrier.do(callOf('b5-corrected', 'do'), input, acting('b5-corrected'));
    const corrected = { ...callOf('b5-corrected', 'undo'), corrected: true };
    await barrier.undo(corrected, other, undoing('b5-corrected'));
    await barrier.undo(corrected, other, undoing('b5-corrected'));
    expect(await changesOf(database, 'b5-corrected')).toEqual([1, -1]);
  });

  test('B5 the order of keys in the input does not count', async () => {
    await barrier.do(callOf('b5-keys', 'do'), input, acting('b5-keys'));
    const reordered = { quantity: 2, sku: 'sku-tea' };
    await barrier.do(callOf('b5-keys', 'do'), reordered, acting('b5-keys'));
    expect(await changesOf(database, 'b5-keys')).toEqual([1]);
  });
});

test('B6 the key is namespace, saga, step and operation: what else the call says does not count', async () => {
  await barrier.do(callOf('b6', 'do'), input, acting('b6'));
  const again = { ...callOf('b6', 'do'), key: 'another spelling', reason: 'RESCUED' };
  await barrier.do(again, input, acting('b6'));
  expect(await changesOf(database, 'b6')).toEqual([1]);
  await barrier.do(callOf('b6', 'do', 'reserve#2'), input, acting('b6'));
  expect(await changesOf(database, 'b6')).toEqual([1, 1]);
});
