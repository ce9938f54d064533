import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client } from '@temporalio/client';
import { SagaClient } from '../../src/client';
import { type Placement, placements, retryStep } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { ended, Harness, queues, states } from './harness';
import { ask, fail, par, pivot, type Program, read, retriable, run, savePoint, seq, wait } from './program';
import { answerByUpdate, programSaga } from './program-workflow';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

async function placed(program: Program, placement: Placement) {
  const sagaId = `${placement}-${randomUUID()}`;
  const client = new SagaClient(harness.env.client, { placements: { runProgram: placement } });
  await client.start({ ...programSaga, idOf: () => sagaId }, program);
  return harness.handle(sagaId);
}

describe.each(placements)('placement %s', (placement) => {
  test('a saga completes', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await placed(
        seq(run('a'), par(run('b'), run('c')), pivot('p'), retriable('r')),
        placement,
      );
      expect((await ended(handle)).result?.toSorted()).toEqual(['a', 'b', 'c', 'p', 'r']);
    });
    expect(world.effects).toHaveLength(5);
  });

  test('S2, S3 a refusal unwinds what succeeded, in reverse', async () => {
    const world = new World().script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const { report } = await ended(await placed(seq(run('a'), run('b'), run('c')), placement));
      expect(states(report)).toEqual({ a: 'compensated', b: 'compensated', c: 'refused' });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('S2 an answer that is lost leaves the outcome unknown, and the step is undone; express asks until it is known', async () => {
    const world = new World().script('do b', 'effect-then-timeout', 'effect-then-timeout');
    await harness.withWorkers(world, async () => {
      const handle = await placed(seq(run('a'), run('b')), placement);
      if (placement === 'express') {
        await harness.until(handle, (report) => report.status === 'stuck');
        await handle.executeUpdate(retryStep, { args: [{ step: 'b', actor: 'test', reason: 'again' }] });
        expect((await ended(handle)).result).toEqual(['a', 'b']);
        expect(world.effects).toEqual(['do a', 'do b']);
      } else {
        const { report } = await ended(handle);
        expect(report.reason?.code).toBe('STEP_UNKNOWN');
        expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
        expect(world.undone.get('b')).not.toHaveProperty('output');
      }
    });
  });

  test('S8 a cancel while an action runs: its outcome is waited for, then undone; express unwinds where the body waits', async () => {
    const world = new World().script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await placed(seq(run('a'), run('b'), run('c'), wait('never')), placement);
      await world.arrived('do b');
      await handle.cancel();
      world.release('do b');
      const { report } = await ended(handle);
      expect(report.cancel?.effect).toBe('unwound');
    });
    const done = placement === 'express' ? ['a', 'b', 'c'] : ['a', 'b'];
    expect(world.effects).toEqual([
      ...done.map((step) => `do ${step}`),
      ...done.toReversed().map((step) => `undo ${step}`),
    ]);
  });

  test('S6 a stuck compensation waits for the desk', async () => {
    const world = new World().script('undo b', 'permanent');
    await harness.withWorkers(world, async () => {
      const handle = await placed(seq(run('a'), run('b'), fail('NO')), placement);
      await harness.until(handle, (report) => report.status === 'stuck');
      const decision = { step: 'b', actor: 'test', reason: 'mended' };
      await handle.executeUpdate(retryStep, { args: [decision] });
      expect((await ended(handle)).report.status).toBe('compensated');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('every task replayed from the history does the same, whatever the client is configured with by then', async () => {
    const world = new World();
    await harness.withWorkers(
      world,
      async () => {
        const handle = await placed(seq(run('a'), run('b'), fail('NO')), placement);
        expect((await ended(handle)).report.status).toBe('compensated');
        const expected = { participants: 'world', 'saga-queue': 'sagas', express: 'sagas' }[placement];
        expect(new Set(await queues(handle))).toEqual(new Set([expected]));
      },
      { maxCachedWorkflows: 0 },
    );
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });
});

describe('express: a task that is lost, and repeated', () => {
  test('S1 answers that come in another order than before the loss lead to the same steps: none stands', async () => {
    const world = new World()
      .script('do a', 'ok', 'held')
      .script('do m', 'refuse', 'refuse')
      .script('do x', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await placed(
        par(seq(run('a'), savePoint(run('m'), run('x'))), seq(run('b'), savePoint(run('m'), run('y')))),
        'express',
      );
      await world.arrived('do x');
      // A workflow cannot close in a task that a cancel came into: the server refuses its completion.
      await handle.cancel();
      world.release('do x');
      await world.arrived('do b', 'do b');
      world.release('do a');
      expect((await ended(handle)).report.status).toBe('cancelled');
    });
    const done = world.effects.filter((effect) => effect.startsWith('do ')).toSorted();
    expect(done).toEqual(['do a', 'do b', 'do m#2', 'do x']);
    expect(world.effects.filter((effect) => effect.startsWith('undo ')).toSorted()).toEqual(
      done.map((effect) => `un${effect}`),
    );
  });

  test('steps that run at once are told in the order in which they began', async () => {
    const world = new World().script('do a', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await placed(par(run('a'), run('b')), 'express');
      await world.arrived('do a', 'do b');
      world.release('do a');
      expect((await ended(handle)).result).toEqual(['a', 'b']);
    });
  });

  test('Updates wait until no step runs, and are checked again then: one of two reviewers is refused', async () => {
    const world = new World().script('do a', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        par(run('a'), ask('review', { yes: run('b'), no: run('c') }, fail('NO'))),
        `express-${randomUUID()}`,
        { memo: placementMemo('express'), workflowTaskTimeout: '1s' },
      );
      await world.arrived('do a');
      const answers = Promise.allSettled(
        ['yes', 'no'].map((answer) => handle.executeUpdate(answerByUpdate, { args: ['review', answer] })),
      );
      await until('both to be accepted', async () => {
        const { events } = await handle.fetchHistory();
        return (
          (events ?? []).filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes).length === 2
        );
      });
      expect(world.attempts).toEqual(['do a']);
      world.release('do a');
      const { result } = await ended(handle);
      const [yes, no] = await answers;
      const [told, refused, step] = yes?.status === 'fulfilled' ? [yes, no, 'b'] : [no, yes, 'c'];
      expect(told).toEqual({ status: 'fulfilled', value: step === 'b' ? 'yes' : 'no' });
      expect(refused).toMatchObject({ status: 'rejected', reason: { cause: { type: 'ANSWERED' } } });
      expect(result).toEqual(['a', step]);
    });
  });

  test('what a read said is in the history before anything follows from it', async () => {
    await harness.withWorkers(new World(), async () => {
      const handle = await placed(seq(read('q'), run('a')), 'express');
      expect((await ended(handle)).result).toEqual(['q', 'a']);
      expect(await queues(handle)).toEqual(['sagas']);
    });
  });
});

describe('the price of a placement', () => {
  test('express: the steps of a saga are four markers in one workflow task', async () => {
    await harness.withWorkers(new World(), async () => {
      const handle = await placed(seq(run('a'), run('b'), run('c'), run('d')), 'express');
      await ended(handle);
      expect((await handle.fetchHistory()).events).toHaveLength(1 + 3 + 4 + 1);
    });
  });

  test('express: a client that shares its connection with the worker starts it eagerly', async () => {
    await harness.withWorkers(new World(), async () => {
      const { nativeConnection } = harness.env;
      const temporal = new Client({ connection: nativeConnection });
      const client = new SagaClient(temporal, { placements: { runProgram: 'express' }, eagerStart: true });
      const { sagaId } = await client.start({ ...programSaga, idOf: () => 'eager' }, run('a'));
      expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'completed', result: ['a'] });
      const { events } = await harness.handle(sagaId).fetchHistory();
      const started = events?.[0]?.workflowExecutionStartedEventAttributes;
      expect(started?.eagerExecutionAccepted).toBe(true);
    });
  });

  test('the default writes no memo (S15)', async () => {
    const { sagaId } = await new SagaClient(harness.env.client).start(
      { ...programSaga, idOf: () => 'plain' },
      run('a'),
    );
    expect((await harness.handle(sagaId).describe()).memo).toEqual({});
    await harness.handle(sagaId).terminate();
  });
});
