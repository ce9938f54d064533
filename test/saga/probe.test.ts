import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { timeSkippingServer } from '../support/temporal';
import { Harness, states } from './harness';
import { probed, run, seq } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await timeSkippingServer());
});
afterAll(async () => await harness.stop());

const saga = seq(run('a'), probed('b'), run('c'));

describe('S2 a probe turns unknown into known before anything is undone', () => {
  test('it happened: the compensation gets the output that was lost', async () => {
    const world = new World().script('do b', 'effect-then-timeout', 'effect-then-timeout');
    const { report } = await harness.run(world, saga);
    expect(states(report)).toEqual({ a: 'compensated', b: 'compensated' });
    expect(world.undone.get('b')).toMatchObject({ output: { did: 'b' } });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('it did not happen: nothing is undone, and what came before it is', async () => {
    const world = new World().script('do b', 'permanent');
    const { report } = await harness.run(world, saga);
    expect(states(report)).toEqual({ a: 'compensated', b: 'refused' });
    expect(report.steps[1]?.failure?.code).toBe('NEVER_HAPPENED');
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test.each(['unknown', 'broken'] as const)(
    'a probe that is %s leaves it unknown, and it is undone',
    async (probes) => {
      const world = new World().script('do b', 'permanent');
      world.probes = probes;
      const { report } = await harness.run(world, saga);
      expect(states(report)).toEqual({ a: 'compensated', b: 'compensated' });
      expect(world.undone.get('b')).not.toHaveProperty('output');
    },
  );

  test('a probe carries the key of the action that it asks about', async () => {
    const world = new World().script('do b', 'permanent');
    const { handle } = await harness.run(world, saga);
    const asked = world.calls.find(({ op }) => op === 'probe');
    expect(asked?.key).toBe(`default/${handle.workflowId}/b/do`);
  });

  test('what is known is not asked for', async () => {
    const world = new World().script('do c', 'refuse');
    await harness.run(world, saga);
    expect(world.calls.filter(({ op }) => op === 'probe')).toEqual([]);
  });
});
