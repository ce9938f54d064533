import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { localServer } from '../support/temporal';
import { approve, type BodyName, bodySaga, type runBody } from './bodies-workflow';
import { type Ended, Harness, states, taskFailure } from './harness';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer(), require.resolve('./bodies-workflow'));
});
afterAll(async () => await harness.stop());

async function start(name: BodyName) {
  return await harness.startNamed<typeof runBody>(bodySaga.workflow, name);
}

/** Runs a body to its end. */
async function runBodyOf(world: World, name: BodyName): Promise<Omit<Ended, 'handle'>> {
  return await harness.withWorkers(world, async () => {
    const handle = await start(name);
    const settled = await handle.result().then(
      () => ({}),
      (error: unknown) => ({ error }),
    );
    return { ...settled, report: await harness.report(handle) };
  });
}

describe('S21 what was sent is what is undone', () => {
  test.each(['mutates', 'mutatesAtOnce', 'summaryMutates'] as const)(
    'a value that changes after the call: %s',
    async (name) => {
      const world = new World().script('do b', 'refuse');
      const { report } = await runBodyOf(world, name);
      expect(report.status).toBe('compensated');
      expect(world.undone.get('a')).toMatchObject({ input: { step: 'a' }, output: { did: 'a' } });
    },
  );
});

describe('S12 a function of the declaration that throws', () => {
  test('costs its answer, not the saga, and not its unwinding', async () => {
    const world = new World().script('do b', 'refuse');
    const { report } = await runBodyOf(world, 'summaryThrows');
    expect(states(report)).toEqual({ a: 'compensated', b: 'refused' });
    expect(report.steps[0]).not.toHaveProperty('summary');
  });
});

describe('S3 plain JavaScript is the whole language', () => {
  test('Promise.any of refused steps unwinds, for the reason of the first', async () => {
    const world = new World().script('do b', 'refuse').script('do c', 'refuse');
    const { report } = await runBodyOf(world, 'any');
    expect(report).toMatchObject({ status: 'compensated', reason: { code: 'NO', step: 'b' } });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test('S12 Promise.any of a refused step and a programming error is a programming error', async () => {
    const world = new World().script('do b', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await start('anyWithBug');
      expect(await taskFailure(handle)).toMatch(/All promises were rejected/);
      expect(world.effects).toEqual(['do a']);
      await handle.terminate('the test has seen it');
    });
  });

  test.each(['inTurn', 'inTurnBehindSavePoints'] as const)(
    'two steps that run together and are awaited in turn unwind when the second fails first: %s',
    async (name) => {
      const world = new World().script('do a', 'held').script('do b', 'refuse');
      await harness.withWorkers(world, async () => {
        const handle = await start(name);
        await world.arrived('do a', 'do b');
        await harness.until(handle, ({ steps }) => steps.some(({ state }) => state === 'refused'));
        world.release('do a');
        await expect(handle.result()).rejects.toThrow();
        expect(states(await harness.report(handle))).toEqual({ a: 'compensated', b: 'refused' });
        const { events = [] } = await handle.fetchHistory();
        expect(events?.some((event) => event.workflowTaskFailedEventAttributes)).toBe(false);
      });
    },
  );

  test('functions that are started together and awaited in turn: the task fails and says why, then it unwinds', async () => {
    const world = new World().script('do a', 'held').script('do b', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await start('inTurnThroughFunctions');
      await world.arrived('do a', 'do b');
      expect(await taskFailure(handle)).toMatch(/Unhandled Promise rejection.*b says no/);
      world.release('do a');
      await expect(handle.result()).rejects.toThrow();
      expect(states(await harness.report(handle))).toEqual({ a: 'compensated', b: 'refused' });
    });
  });

  test('an error of the body that wraps the failure of a step unwinds for it', async () => {
    const world = new World().script('do b', 'refuse');
    const { report, error } = await runBodyOf(world, 'wraps');
    expect(report).toMatchObject({ status: 'compensated', reason: { code: 'NO', step: 'b' } });
    expect((error as { cause?: unknown }).cause).toBeInstanceOf(ApplicationFailure);
  });

  test('S12 a text that is thrown is a programming error', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start('throwsText');
      expect(await taskFailure(handle)).toMatch(/no/);
      expect(world.effects).toEqual(['do a']);
      await handle.terminate('the test has seen it');
    });
  });

  test.each([
    ['allSettled', ['do a', 'undo a']],
    ['iterates', ['do a', 'undo a']],
    ['withFinally', ['do a', 'do c', 'undo c', 'undo a']],
    ['raced', ['do a', 'undo a']],
  ] as const)('unwinds: %s', async (name, effects) => {
    const world = new World().script('do b', 'refuse').script('do c', name === 'raced' ? 'refuse' : 'ok');
    const { report } = await runBodyOf(world, name);
    expect(report.status).toBe('compensated');
    expect(world.effects).toEqual(effects);
  });

  test('a step that nobody waits for and that was refused fails nothing', async () => {
    const world = new World().script('do b', 'refuse');
    const { report } = await runBodyOf(world, 'forgets');
    expect(report.status).toBe('completed');
  });
});

describe('S11 the report of a running saga', () => {
  test('says what the body waits for and until when, and which activity runs', async () => {
    const world = new World().script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await start('reviewed');
      await harness.until(handle, ({ waits }) => waits !== undefined);
      const { waits = [] } = await harness.report(handle);
      expect(waits).toHaveLength(1);
      const [{ for: what, since, until: end = '' } = { for: '', since: '' }] = waits;
      expect(what).toBe('a review');
      expect(Date.parse(end) - Date.parse(since)).toBe(3_600_000);
      await handle.executeUpdate(approve);
      await world.arrived('do b');
      const report = await harness.report(handle);
      expect(report).not.toHaveProperty('waits');
      expect(report.steps).toMatchObject([{ state: 'succeeded' }, { state: 'running', activity: 'act' }]);
      world.release('do b');
      await handle.result();
    });
  });
});

describe('S8 an Update that comes while the saga unwinds', () => {
  test('is refused by a handler that asks whether the body goes on', async () => {
    const world = new World().script('undo a', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await start('reviewed');
      await world.arrived('do a');
      await harness.until(handle, ({ steps }) => steps[0]?.state === 'succeeded');
      await handle.cancel();
      await world.arrived('undo a');
      await expect(handle.executeUpdate(approve)).rejects.toMatchObject({
        cause: { message: 'REVIEW_NOT_PENDING' },
      });
      world.release('undo a');
      await expect(handle.result()).rejects.toThrow();
      expect(world.effects).toEqual(['do a', 'undo a']);
    });
  });
});
