import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SagaReason, sagaStatusAttribute, SagaStuckStep } from '../../src/saga';
import { timeSkippingServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import { fail, par, pivot, retriable, run, savePoint, seq } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await timeSkippingServer());
});
afterAll(async () => await harness.stop());

const times = <T>(count: number, value: T): T[] => Array<T>(count).fill(value);

describe('S5 compensations are retried', () => {
  test('a compensation that fails 5 times and then works', async () => {
    const world = new World().script('undo a', ...times(5, 'transient' as const));
    const { report } = await harness.run(world, seq(run('a'), fail('NO')));
    expect(world.attempts.filter((attempt) => attempt === 'undo a')).toHaveLength(6);
    expect(states(report)).toEqual({ a: 'compensated' });
  });

  test('a round used up makes the saga stuck and visible, and another round unsticks it', async () => {
    const world = new World().script('undo b', ...times(10, 'transient' as const), 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), run('b'), fail('NO')));
      await harness.until(handle, (report) => report.status === 'stuck');
      const stuck = await harness.report(handle);
      expect(stuck.steps[1]).toMatchObject({
        state: 'stuck',
        compensation: { state: 'stuck' },
        stuck: { code: 'BUSY', rounds: 1 },
      });
      expect(states(stuck)).toMatchObject({ a: 'succeeded' });
      const attributes = (await handle.describe()).typedSearchAttributes;
      expect(attributes.get(sagaStatusAttribute)).toBe('STUCK');
      expect(attributes.get(SagaStuckStep)).toBe('b');
      expect(attributes.get(SagaReason)).toBe('NO');

      await harness.env.sleep('2 minutes');
      await world.arrived(...times(11, 'undo b'));
      world.release('undo b');
      expect(states((await ended(handle)).report)).toEqual({ a: 'compensated', b: 'compensated' });
      const after = (await handle.describe()).typedSearchAttributes;
      expect(after.get(sagaStatusAttribute)).toBe('COMPENSATED');
      expect(after.get(SagaStuckStep)).toBeUndefined();
    });
  });

  test('a failure that cannot be retried makes the saga stuck at once, and is tried again at growing pauses', async () => {
    const world = new World().script('undo a', ...times(4, 'permanent' as const));
    const { report, handle } = await harness.run(world, seq(run('a'), fail('NO')));
    expect(states(report)).toEqual({ a: 'compensated' });
    const { events = [] } = await handle.fetchHistory();
    const pauses = (events ?? []).flatMap(({ timerStartedEventAttributes: timer }) =>
      timer ? [Number(timer.startToFireTimeout?.seconds)] : [],
    );
    expect(pauses).toEqual([60, 240, 960, 3840]);
  });

  test('a stuck compensation holds up what came before it, and nothing that is independent of it', async () => {
    const world = new World().script('undo b', 'permanent', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), par(run('b'), run('c')), fail('NO')));
      await harness.until(
        handle,
        (report) => report.status === 'stuck' && states(report).c === 'compensated',
      );
      expect(world.attempts).not.toContain('undo a');
      await harness.env.sleep('2 minutes');
      world.release('undo b');
      await ended(handle);
    });
    expect(world.effects.slice(-3)).toEqual(['undo c', 'undo b', 'undo a']);
  });

  test('also those of a save-point: it is stuck until they work, and no alternative begins before', async () => {
    const world = new World().script('undo b', 'permanent').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), savePoint(seq(run('b'), run('c')), run('d'))));
      await harness.until(handle, (report) => report.status === 'stuck');
      expect(world.attempts).not.toContain('do d');
      expect((await ended(handle)).result).toEqual(['a', 'b', 'd']);
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(sagaStatusAttribute)).toBe('FORWARD');
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'undo b', 'undo b', 'do d']);
  });
});

describe('S7 the pivot and what follows', () => {
  test('the pivot is retried past its rounds until it succeeds', async () => {
    const world = new World().script('do p', ...times(23, 'transient' as const));
    const { result } = await harness.run(world, seq(run('a'), pivot('p')));
    expect(result).toEqual(['a', 'p']);
    expect(world.effects).toEqual(['do a', 'do p']);
  });

  test('a refused pivot unwinds', async () => {
    const world = new World().script('do p', 'transient', 'refuse');
    const { report } = await harness.run(world, seq(run('a'), pivot('p')));
    expect(states(report)).toEqual({ a: 'compensated', p: 'refused' });
  });

  test('a step after the pivot is retried until it succeeds, and never undone', async () => {
    const world = new World().script('do r', 'permanent', ...times(11, 'transient' as const));
    const { result, report, handle } = await harness.run(world, seq(run('a'), pivot('p'), retriable('r')));
    expect(result).toEqual(['a', 'p', 'r']);
    expect(states(report)).toEqual({ a: 'succeeded', p: 'succeeded', r: 'succeeded' });
    expect((await handle.describe()).typedSearchAttributes.get(sagaStatusAttribute)).toBe('FORWARD');
  });
});
