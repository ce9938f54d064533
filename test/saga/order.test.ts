import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { timeSkippingServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import { fail, fork, par, run, seq, wait } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await timeSkippingServer());
});
afterAll(async () => await harness.stop());

describe('S3 the order of an unwinding is derived from what really happened', () => {
  test('steps in sequence are undone in reverse', async () => {
    const world = new World();
    await harness.run(world, seq(run('a'), run('b'), run('c'), fail('NO')));
    expect(world.effects).toEqual(['do a', 'do b', 'do c', 'undo c', 'undo b', 'undo a']);
  });

  test('overlapping steps are undone concurrently, before what they both came after', async () => {
    const world = new World().script('undo b', 'held').script('undo c', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), par(run('b'), run('c')), fail('NO')));
      await world.arrived('undo b', 'undo c');
      expect(world.attempts).not.toContain('undo a');
      world.release('undo c');
      world.release('undo b');
      await ended(handle);
    });
    expect(world.effects.at(-1)).toBe('undo a');
  });

  test('within parallel branches each branch is undone in its own order, and waits for no other', async () => {
    const world = new World().script('undo c', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(par(seq(run('a'), run('b')), seq(run('c'))), run('d'), fail('NO')),
      );
      await world.arrived('undo a');
      expect(world.effects.slice(-3)).toEqual(['undo d', 'undo b', 'undo a']);
      world.release('undo c');
      await ended(handle);
    });
  });

  test('nothing is compensated while an action is in flight', async () => {
    const world = new World().script('do b', 'held').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), par(run('b'), run('c'))));
      await world.arrived('do b', 'do c');
      await harness.until(handle, (report) => report.status === 'unwinding');
      expect(world.attempts).not.toContain('undo a');
      world.release('do b');
      const { report } = await ended(handle);
      expect(states(report)).toEqual({ a: 'compensated', b: 'compensated', c: 'refused' });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('once unwinding began, a branch that goes on gets no further step', async () => {
    const world = new World().script('do b', 'held').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(par(seq(run('b'), run('never')), run('c')));
      await world.arrived('do b', 'do c');
      await harness.until(handle, (report) => report.status === 'unwinding');
      world.release('do b');
      await ended(handle);
    });
    expect([...world.attempts].sort()).toEqual(['do b', 'do c', 'undo b']);
  });

  test('a branch that nobody waits for any more may fail during the unwinding: it disturbs nothing', async () => {
    const world = new World().script('do b', 'held-then-refuse').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(fork(run('b')), run('a'), run('c')));
      await world.arrived('do b', 'do c');
      await harness.until(handle, (report) => report.status === 'unwinding');
      world.release('do b');
      const { report } = await ended(handle);
      expect(states(report)).toEqual({ b: 'refused', a: 'compensated', c: 'refused' });
    });
  });

  test('a branch that nobody waits for any more may wait itself: it neither fails the task nor goes on', async () => {
    const world = new World().script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(fork(seq(wait('go'), run('never'))), run('a'), run('c')));
      const { report } = await ended(handle);
      expect(states(report)).toEqual({ a: 'compensated', c: 'refused' });
      const { events } = await handle.fetchHistory();
      expect(events?.filter((event) => event.workflowTaskFailedEventAttributes)).toEqual([]);
    });
    expect(world.attempts).not.toContain('do never');
  });

  test('a saga does not complete while a step is in flight that its body does not wait for', async () => {
    const world = new World().script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(fork(run('b')), run('a')));
      await harness.until(handle, (report) => states(report).a === 'succeeded');
      expect((await handle.describe()).status.name).toBe('RUNNING');
      world.release('do b');
      expect((await ended(handle)).report).toMatchObject({
        status: 'completed',
        steps: [{ state: 'succeeded' }, {}],
      });
    });
  });

  test('each run of the same step in a loop is undone for itself', async () => {
    const world = new World();
    const { report } = await harness.run(world, seq(run('item'), run('item'), fail('NO')));
    expect(states(report)).toEqual({ item: 'compensated', 'item#2': 'compensated' });
    expect(world.effects).toEqual(['do item', 'do item#2', 'undo item#2', 'undo item']);
  });
});
