import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { z } from 'zod';
import type { StepCall, Transaction } from '../../src/participant';
import { action, compensation, Refusal } from '../../src/participant';
import type { EffectsDatabase } from './effects';
import { callOf, change, changesOf, openEffectsDatabase, rowsOf } from './effects';

let opened: EffectsDatabase;
beforeAll(async () => {
  opened = await openEffectsDatabase('activity');
  await opened.database.query('CREATE TABLE things (id integer PRIMARY KEY, n integer CHECK (n > 0))');
});
afterAll(() => opened.drop());

const contract = {
  input: z.strictObject({ sku: z.string().min(3), quantity: z.int().min(1) }),
  output: z.strictObject({ id: z.string() }),
};
const input = { sku: 'sku-tea', quantity: 2 };

type Work = (tx: Transaction, given: typeof input, call: StepCall) => Promise<{ id: string }>;

/** An activity context; expected failures are not worth a line of output. */
const context = (startToCloseTimeoutMs = 10_000) =>
  new MockActivityEnvironment({ startToCloseTimeoutMs }, { logger: new DefaultLogger('ERROR') });

/** Runs an activity as a worker does: within an activity context, with the given time for the attempt. */
function attempt(work: Work, given: unknown, call: unknown, startToCloseTimeoutMs = 10_000) {
  const activity = action(opened.database, contract, work);
  return context(startToCloseTimeoutMs).run(activity, given as typeof input, call as StepCall);
}

async function failureOf(running: Promise<unknown>): Promise<ApplicationFailure> {
  return running.then(
    () => Promise.reject(new Error('must fail')),
    (error: unknown) => error as ApplicationFailure,
  );
}

const acting: Work = async (tx, _, call) => {
  await change(tx, call.sagaId, 1);
  return { id: call.sagaId };
};

test('an action answers, and its compensation gets input and stored output', async () => {
  expect(await attempt(acting, input, callOf('answer', 'do'))).toEqual({ id: 'answer' });
  const given: unknown[] = [];
  const undo = compensation(opened.database, contract, async (tx, done, call) => {
    given.push(done, call.reason);
    await change(tx, call.sagaId, -1);
  });
  const call = { ...callOf('answer', 'undo'), reason: 'CARD_DECLINED' };
  await context().run(undo, { input }, call);
  expect(given).toEqual([{ input, output: { id: 'answer' } }, 'CARD_DECLINED']);
  expect(await changesOf(opened.database, 'answer')).toEqual([1, -1]);
});

test('B8 the key has the namespace of the call, or of the activity where an older orchestrator names none', async () => {
  const { namespace: _, ...unnamed } = callOf('named', 'do');
  await attempt(acting, input, callOf('named', 'do'));
  await attempt(acting, input, unnamed);
  const rows = await opened.database.query<{ namespace: string }>(
    `SELECT namespace FROM saga_barrier WHERE saga_id = 'named' ORDER BY 1`,
  );
  expect(rows.map(({ namespace }) => namespace)).toEqual(['shop', 'test']);
  const wrong = await failureOf(attempt(acting, input, { ...callOf('named', 'do'), namespace: 7 }));
  expect(wrong).toMatchObject({
    type: 'INVALID_INPUT',
    message: expect.stringContaining('call.namespace'),
  });
});

describe('failures', () => {
  test('B2 a refusal keeps its code, is not retried, and is benign', async () => {
    const refusing: Work = () => Promise.reject(new Refusal('OUT_OF_STOCK', 'none left of sku-tea'));
    const failure = await failureOf(attempt(refusing, input, callOf('refused', 'do')));
    expect(failure).toMatchObject({
      type: 'OUT_OF_STOCK',
      message: 'none left of sku-tea',
      nonRetryable: true,
      category: 'BENIGN',
    });
  });

  test('input outside the contract names every problem, but not the payload', async () => {
    const wrong = { sku: 'x', quantity: 0, secret: 'hunter2' };
    const failure = await failureOf(attempt(acting, wrong, callOf('invalid', 'do')));
    expect(failure).toMatchObject({ type: 'INVALID_INPUT', nonRetryable: true });
    expect(failure.message).toMatch(/sku: .*quantity: .*secret/s);
    expect(failure.message).not.toContain('hunter2');
    expect(await rowsOf(opened.database, 'invalid')).toEqual([]);
  });

  test('a call that is missing or of the other operation is invalid input', async () => {
    const missing = await failureOf(attempt(acting, input, undefined));
    expect(missing).toMatchObject({ type: 'INVALID_INPUT', nonRetryable: true });
    expect(missing.message).toMatch(/call.sagaId.*call.step.*call.op/);
    const undo = await failureOf(attempt(acting, input, callOf('wrong-op', 'undo')));
    expect(undo).toMatchObject({ type: 'INVALID_INPUT' });
  });

  test('an answer outside the contract is not committed, and is retried', async () => {
    const wrong: Work = async (tx, _, call) => {
      await change(tx, call.sagaId, 1);
      return { id: 7 } as unknown as { id: string };
    };
    const failure = await failureOf(attempt(wrong, input, callOf('answer-invalid', 'do')));
    expect(failure.message).toContain('id: ');
    expect(failure.nonRetryable).toBeUndefined();
    expect(await changesOf(opened.database, 'answer-invalid')).toEqual([]);
  });

  test('B4 a blocked action is ACTION_BLOCKED, not retried', async () => {
    const undo = compensation(opened.database, contract, () => Promise.resolve());
    await context().run(undo, { input }, callOf('late', 'undo'));
    const failure = await failureOf(attempt(acting, input, callOf('late', 'do')));
    expect(failure).toMatchObject({ type: 'ACTION_BLOCKED', nonRetryable: true });
  });

  test('B5 another input is KEY_CONFLICT, not retried', async () => {
    await attempt(acting, input, callOf('conflict', 'do'));
    const failure = await failureOf(attempt(acting, { ...input, quantity: 9 }, callOf('conflict', 'do')));
    expect(failure).toMatchObject({ type: 'KEY_CONFLICT', nonRetryable: true });
  });

  test('a broken constraint is not retried, and no row value leaves the process', async () => {
    const breaking: Work = async (tx) => {
      await tx.query('INSERT INTO things VALUES (4711, -4712)');
      return { id: 'never' };
    };
    const failure = await failureOf(attempt(breaking, input, callOf('constraint', 'do')));
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: true });
    expect(failure.message).toContain('23514');
    expect(failure.details).toEqual([{ sqlState: '23514', table: 'things', constraint: 'things_n_check' }]);
    expect(`${failure.message} ${failure.stack} ${String(failure.cause)}`).not.toMatch(/471[12]/);
  });

  test('a value that the database cannot read is not retried, and is not quoted', async () => {
    const breaking: Work = async (tx) => {
      await tx.query('INSERT INTO things VALUES ($1, 1)', ['hunter2']);
      return { id: 'never' };
    };
    const failure = await failureOf(attempt(breaking, input, callOf('form', 'do')));
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: true });
    expect(`${failure.message} ${failure.stack}`).not.toContain('hunter2');
  });

  test('B7 the statement limit follows start-to-close, and the failure is retried', async () => {
    const slow: Work = async (tx) => {
      await tx.query('SELECT pg_sleep(30)');
      return { id: 'never' };
    };
    const started = Date.now();
    const failure = await failureOf(attempt(slow, input, callOf('slow', 'do'), 1_000));
    expect(Date.now() - started).toBeLessThan(10_000);
    expect(failure).toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: false });
    expect(failure.message).toContain('57014');
  });

  test('any other error stays as it is, and is retried', async () => {
    const error = new TypeError('a bug');
    const failing: Work = () => Promise.reject(error);
    expect(await failureOf(attempt(failing, input, callOf('bug', 'do')))).toBe(error);
  });
});
