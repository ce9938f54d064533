import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { localServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import { attempt, pivot, retriable, run, seq, wait } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

async function statusOf(handle: { describe(): Promise<{ status: { name: string } }> }): Promise<string> {
  return (await handle.describe()).status.name;
}

describe('S8 a cancel before the pivot unwinds', () => {
  test('while the body waits: what was done is undone, and the workflow closes as Canceled', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), run('b'), wait('never')));
      await harness.until(handle, (report) => report.steps[1]?.state === 'succeeded');
      await handle.cancel();
      const { error, report } = await ended(handle);
      expect((error as WorkflowFailedError).cause).toBeInstanceOf(CancelledFailure);
      expect(await statusOf(handle)).toBe('CANCELLED');
      expect(report).toMatchObject({
        status: 'cancelled',
        reason: { code: 'CANCELLED' },
        cancel: { effect: 'unwound' },
      });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
    expect(world.undone.get('a')?.reason).toBe('CANCELLED');
  });

  test('while an action runs: its outcome is waited for, then undone', async () => {
    const world = new World().script('do b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), run('b'), run('c')));
      await world.arrived('do b');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'unwound');
      world.release('do b');
      expect(states((await ended(handle)).report)).toEqual({ a: 'compensated', b: 'compensated' });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('while the last action of a saga without a pivot runs: it does not complete', async () => {
    const world = new World().script('do a', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(run('a'));
      await world.arrived('do a');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel !== undefined);
      world.release('do a');
      await ended(handle);
      expect(await statusOf(handle)).toBe('CANCELLED');
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test('before its first step: nothing is done', async () => {
    const world = new World();
    const handle = await harness.start(seq(run('a')));
    await handle.cancel();
    await harness.withWorkers(world, async () => {
      await ended(handle);
      expect(await statusOf(handle)).toBe('CANCELLED');
    });
    expect(world.attempts).toEqual([]);
  });
});

describe('S4 the shield', () => {
  test('a cancel during the unwinding changes nothing and is in the report', async () => {
    const world = new World().script('undo b', 'held').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), run('b'), run('c')));
      await world.arrived('undo b');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel !== undefined);
      world.release('undo b');
      const { report } = await ended(handle);
      expect(report).toMatchObject({
        status: 'compensated',
        reason: { code: 'NO' },
        cancel: { effect: 'declined' },
      });
      expect(await statusOf(handle)).toBe('FAILED');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });
});

describe('S8 a cancel at or after the pivot', () => {
  test('during the pivot waits for it, and is declined when the pivot succeeded', async () => {
    const world = new World().script('do p', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), pivot('p'), retriable('r')));
      await world.arrived('do p');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'pending');
      world.release('do p');
      const { result, report } = await ended(handle);
      expect(result).toEqual(['a', 'p', 'r']);
      expect(report).toMatchObject({ status: 'completed', cancel: { effect: 'declined' } });
    });
    expect(world.effects).toEqual(['do a', 'do p', 'do r']);
  });

  test('during the pivot waits for it, and unwinds when the pivot was refused', async () => {
    const world = new World().script('do p', 'held-then-refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), pivot('p')));
      await world.arrived('do p');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'pending');
      world.release('do p');
      expect((await ended(handle)).report).toMatchObject({
        status: 'cancelled',
        cancel: { effect: 'unwound' },
      });
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test('while a caught unknown step is undone before the pivot: the pivot does not begin', async () => {
    const world = new World().script('do b', 'permanent').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), attempt(run('b')), pivot('p')));
      await world.arrived('undo b');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'pending');
      world.release('undo b');
      expect((await ended(handle)).report).toMatchObject({
        status: 'cancelled',
        cancel: { effect: 'unwound' },
      });
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('after the pivot is declined, also while the body waits', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), pivot('p'), wait('go'), retriable('r')));
      await harness.until(handle, (report) => report.status === 'committed');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'declined');
      await handle.signal('signal', 'go');
      expect((await ended(handle)).result).toEqual(['a', 'p', 'r']);
    });
  });
});
