import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { localServer } from '../support/temporal';
import { ended, Harness, taskFailure } from './harness';
import { attempt, fail, par, pivot, type Program, run, seq, wait } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

async function failsItsTask(program: Program, expected: RegExp, operations: string[]): Promise<void> {
  const world = new World();
  await harness.withWorkers(world, async () => {
    const handle = await harness.start(program);
    expect(await taskFailure(handle)).toMatch(expected);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(world.attempts).toEqual(operations);
    await handle.terminate('the test has seen it');
  });
}

describe('S12 only Temporal failures unwind', () => {
  test('a TypeError in workflow code fails the workflow task and undoes nothing', async () => {
    await failsItsTask(seq(run('a'), fail('TypeError')), /a bug in the body/, ['do a']);
  });

  test('a step before the pivot that is run after it is a usage error', async () => {
    await failsItsTask(seq(run('a'), pivot('p'), run('b')), /STEP_AFTER_PIVOT/, ['do a', 'do p']);
  });

  test('a second pivot is a usage error', async () => {
    await failsItsTask(seq(pivot('p'), pivot('q')), /SECOND_PIVOT/, ['do p']);
  });

  test('a body that fails after its pivot is a usage error: nothing done is left half-way by an end', async () => {
    await failsItsTask(seq(run('a'), pivot('p'), fail('NO')), /FAILED_AFTER_PIVOT/, ['do a', 'do p']);
  });

  test('a pivot that begins while a step is in flight is a usage error', async () => {
    const world = new World().script('do a', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(par(run('a'), seq(wait('go'), pivot('p'))));
      await world.arrived('do a');
      await handle.signal('signal', 'go');
      expect(await taskFailure(handle)).toMatch(/PIVOT_WITH_STEPS_IN_FLIGHT/);
      expect(world.attempts).toEqual(['do a']);
      await handle.terminate('the test has seen it');
    });
  });
});

describe('S7 a branch fails while the pivot is in flight', () => {
  const program = seq(run('a'), par(pivot('p'), seq(wait('go'), fail('NO'))));

  test('and the pivot is refused: the saga unwinds', async () => {
    const world = new World().script('do p', 'held-then-refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(program);
      await world.arrived('do p');
      await handle.signal('signal', 'go');
      world.release('do p');
      expect((await ended(handle)).report).toMatchObject({ status: 'compensated', reason: { code: 'NO' } });
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test('and the pivot succeeds: nothing is undone, and the workflow waits for a fixed deployment', async () => {
    const world = new World().script('do p', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(program);
      await world.arrived('do p');
      await handle.signal('signal', 'go');
      world.release('do p');
      expect(await taskFailure(handle)).toMatch(/FAILED_AFTER_PIVOT/);
      await handle.terminate('the test has seen it');
    });
    expect(world.effects).toEqual(['do a', 'do p']);
  });
});

describe('S9 a branch fails before the pivot that another one waits for has begun', () => {
  test('and what the body has caught is being undone: the pivot does not begin', async () => {
    const world = new World().script('do b', 'permanent').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(run('a'), par(seq(attempt(run('b')), pivot('p')), seq(wait('go'), fail('NO')))),
      );
      await world.arrived('undo b');
      await handle.signal('signal', 'go');
      world.release('undo b');
      expect((await ended(handle)).report).toMatchObject({ status: 'compensated', reason: { code: 'NO' } });
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('and there is nothing to undo: the pivot does not begin', async () => {
    const world = new World();
    const { report } = await harness.run(world, seq(run('a'), par(pivot('p'), fail('NO'))));
    expect(report).toMatchObject({ status: 'compensated', reason: { code: 'NO' } });
    expect(world.attempts).toEqual(['do a', 'undo a']);
  });
});

describe('S14 unsafe limits are refused', () => {
  test.each([{ workflowExecutionTimeout: '1 hour' }, { workflowRunTimeout: '1 hour' }])(
    '%j',
    async (timeout) => {
      const world = new World();
      await harness.withWorkers(world, async () => {
        const handle = await harness.start(run('a'), undefined, timeout);
        const { cause } = await handle.result().then(
          () => ({ cause: undefined }),
          (error: Error) => error,
        );
        expect(cause).toBeInstanceOf(ApplicationFailure);
        expect(cause).toMatchObject({ type: 'UNSAFE_TIMEOUT' });
      });
      expect(world.attempts).toEqual([]);
    },
  );
});

test('every task replayed from the history: a saga without a sticky cache ends the same', async () => {
  const world = new World().script('do d', 'refuse').script('undo c', 'transient');
  await harness.withWorkers(
    world,
    async () => {
      const handle = await harness.start(seq(run('a'), par(run('b'), run('c')), run('d')));
      expect((await ended(handle)).report.status).toBe('compensated');
    },
    { maxCachedWorkflows: 0 },
  );
  expect(world.effects.at(-1)).toBe('undo a');
});
