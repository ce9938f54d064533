import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placements, resolveStep } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { localServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import { nested, par, pivot, retriable, run, run as step, savePoint, seq, wait } from './program';
import { ResettableRun } from '../../src/testing/reset';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

/** What stands: what was done and not undone. */
function remaining(world: World): string[] {
  return world.effects.flatMap((effect) => {
    const [op, step = ''] = effect.split(' ');
    return op === 'do' && !world.effects.includes(`undo ${step}`) ? [step] : [];
  });
}

describe.each(placements)('S17 a reset, placement %s', (placement) => {
  const start = async (program: Parameters<Harness['start']>[0]) =>
    await harness.start(program, undefined, { memo: placementMemo(placement) });

  test('of a saga that was cancelled and undone, to each of its workflow tasks: nothing stands in the end', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start(
        seq(step('a'), par(step('b'), step('c')), wait('go'), step('d'), pivot('p'), retriable('r')),
      );
      await harness.until(
        handle,
        ({ steps }) => steps.filter(({ state }) => state === 'succeeded').length === 3,
      );
      await handle.cancel();
      await ended(handle);
      expect(remaining(world)).toEqual([]);
      const run = await ResettableRun.of(harness.env.client, handle.workflowId);
      for (const task of run.tasks) {
        const latest = harness.handle(handle.workflowId);
        await run.resetToEvent(task);
        // What the saga waits for comes this time.
        await latest.signal('signal', 'go');
        const { report } = await ended(latest);
        expect(['compensated', 'cancelled']).toContain(report.status);
        expect(remaining(world)).toEqual([]);
      }
    });
  });

  test('of a completed saga, to each of its workflow tasks: it completes again, and nothing happens twice', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start(seq(step('a'), step('b'), pivot('p'), retriable('r')));
      expect((await ended(handle)).report.status).toBe('completed');
      const run = await ResettableRun.of(harness.env.client, handle.workflowId);
      for (const task of run.tasks) {
        const latest = harness.handle(handle.workflowId);
        await run.resetToEvent(task);
        expect((await ended(latest)).report.status).toBe('completed');
      }
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do p', 'do r']);
  });

  test('of a saga whose step was refused, to each of its workflow tasks: it is compensated again', async () => {
    const world = new World().script('do c', ...Array.from({ length: 40 }, () => 'refuse' as const));
    await harness.withWorkers(world, async () => {
      const handle = await start(seq(step('a'), step('b'), step('c'), pivot('p')));
      expect((await ended(handle)).report.status).toBe('compensated');
      const run = await ResettableRun.of(harness.env.client, handle.workflowId);
      for (const task of run.tasks) {
        const latest = harness.handle(handle.workflowId);
        await run.resetToEvent(task);
        expect((await ended(latest)).report.status).toBe('compensated');
      }
    });
    expect(remaining(world)).toEqual([]);
  });
});

describe.each(placements)('S17 a second reset, placement %s', (placement) => {
  test.each([1, 2])(
    'to the task in which a reset run learned what the run before it did, or the next: it completes again (task %i)',
    async (task) => {
      const world = new World();
      await harness.withWorkers(world, async () => {
        const handle = await harness.start(seq(run('a'), pivot('p'), retriable('r')), undefined, {
          memo: placementMemo(placement),
        });
        expect((await ended(handle)).report.status).toBe('completed');
        for (const to of [0, task]) {
          const latest = harness.handle(handle.workflowId);
          await (await ResettableRun.of(harness.env.client, handle.workflowId)).resetToTask(to);
          expect((await ended(latest)).report.status).toBe('completed');
        }
      });
      expect(world.effects).toEqual(['do a', 'do p', 'do r']);
    },
    30_000,
  );
});

describe.each(placements)('S17 a step that was undone before a reset, placement %s', (placement) => {
  test('is no reason for the alternative behind a save-point: the saga unwinds', async () => {
    const world = new World().script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const program = seq(savePoint(run('a'), run('b')), run('c'), pivot('p'));
      const handle = await harness.start(program, undefined, { memo: placementMemo(placement) });
      expect((await ended(handle)).report.status).toBe('compensated');
      await (await ResettableRun.of(harness.env.client, handle.workflowId)).resetToTask(0);
      const { report } = await ended(harness.handle(handle.workflowId));
      expect(report).toMatchObject({ status: 'compensated', reason: { code: 'ACTION_BLOCKED', step: 'a' } });
    });
    expect(world.attempts).not.toContain('do b');
  });
});

describe('S10, S17 a reset of a parent', () => {
  test('whose nested saga was reversed, to each of its workflow tasks: nothing stands, or it is stuck and says where', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(step('a'), nested('n', seq(step('b'), step('c'))), wait('go'), step('d'), pivot('p')),
      );
      await harness.until(
        handle,
        ({ steps }) => steps.filter(({ state }) => state === 'succeeded').length === 2,
      );
      await handle.cancel();
      await ended(handle);
      expect(remaining(world)).toEqual([]);
      const parent = await ResettableRun.of(harness.env.client, handle.workflowId);
      const ends: string[] = [];
      for (const task of parent.tasks) {
        const latest = harness.handle(handle.workflowId);
        await parent.resetToEvent(task);
        await latest.signal('signal', 'go');
        await harness.until(latest, ({ status }) => ['stuck', 'compensated', 'cancelled'].includes(status));
        const { status, steps } = await harness.report(latest);
        ends.push(status === 'stuck' ? (steps.find(({ stuck }) => stuck)?.stuck?.code ?? '') : status);
        expect(remaining(world)).toEqual([]);
      }
      expect(new Set(ends)).toEqual(new Set(['compensated', 'cancelled']));
    });
  });
});

describe('S17 a reset after the pivot', () => {
  test('of a saga that was reversed since: it is stuck with the reason, and the desk decides', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(step('a'), pivot('p'), wait('go'), retriable('r')));
      await harness.until(handle, ({ status }) => status === 'committed');
      await handle.signal('signal', 'go');
      await handle.result();
      const { rescueId } = await harness.client.reverse(handle.workflowId);
      await harness.client.waitForClose(rescueId);
      const run = await ResettableRun.of(harness.env.client, handle.workflowId);
      const latest = harness.handle(handle.workflowId);
      await run.resetToEvent(run.tasks.at(-3));
      const stuckAt = async () => (await harness.report(latest)).steps.filter(({ stuck }) => stuck);
      await harness.until(latest, ({ steps }) => steps.filter(({ stuck }) => stuck).length === 2);
      expect((await stuckAt()).map(({ name, stuck }) => [name, stuck?.code])).toEqual([
        ['a', 'RESET_AFTER_UNDO'],
        ['p', 'RESET_AFTER_UNDO'],
      ]);
      for (const step of ['a', 'p'])
        await latest.executeUpdate(resolveStep, {
          args: [{ step, actor: 'ada', reason: 'done by hand', output: { did: step } }],
        });
      const { report } = await ended(latest);
      expect(states(report)).toMatchObject({ a: 'succeeded', p: 'succeeded', r: 'succeeded' });
    });
  });
});
