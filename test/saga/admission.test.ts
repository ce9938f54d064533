import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placementMemo } from '../../src/saga/memo';
import { sized } from '../support/size';
import { localServer } from '../support/temporal';
import { ended, Harness } from './harness';
import { par, type Program, run, seq } from './program';
import { World } from './world';

/** What the server takes of one workflow; by default it is 2,000. With that, one replay takes ten seconds. */
const PENDING_AT_MOST = sized(500, 200);

let harness: Harness;
beforeAll(async () => {
  const limit = `limit.numPendingActivities.error=${PENDING_AT_MOST}`;
  harness = await Harness.start(await localServer(['--dynamic-config-value', limit]));
});
afterAll(async () => await harness.stop());

const many = (count: number): Program[] =>
  Array.from({ length: count }, (_, index) => run(`s${String(index)}`));

/** How often each effect happened, by operation. */
function counted(world: World): Record<string, number> {
  const counts = { do: 0, undo: 0 };
  for (const effect of world.effects) counts[effect.split(' ')[0] as 'do' | 'undo']++;
  return counts;
}

describe('S18 more operations at once than the server takes', () => {
  test('all steps run, and all of them are undone when one is refused', async () => {
    const steps = PENDING_AT_MOST + 100;
    const world = new World().script('do last', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(par(...many(steps)), run('last')));
      expect((await ended(handle)).report).toMatchObject({ status: 'compensated', reason: { code: 'NO' } });
      const { events = [] } = await handle.fetchHistory();
      expect(events?.some((event) => event.workflowTaskFailedEventAttributes)).toBe(false);
    });
    expect(counted(world)).toEqual({ do: steps, undo: steps });
  });

  test('what waits for its turn when the saga begins to unwind never begins', async () => {
    const world = new World().script('do s0', 'held-then-refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(par(...many(600)));
      await world.arrived('do s0');
      world.release('do s0');
      const { report } = await ended(handle);
      expect(report.status).toBe('compensated');
      expect(report.steps.length).toBeLessThan(600);
    });
    const done = world.effects.filter((effect) => effect.startsWith('do'));
    expect(done.length).toBeGreaterThan(0);
    expect(world.effects).toEqual(expect.arrayContaining(done.map((effect) => effect.replace('do', 'undo'))));
  });
});

describe('S18 express: more local activities than the worker runs', () => {
  test.each([
    ['one saga', 1],
    ['several sagas', 4],
  ])('all steps of %s are undone when one is refused, and it answers', async (_, sagas) => {
    const world = new World().script('do s7', ...Array.from({ length: sagas }, () => 'refuse' as const));
    await harness.withWorkers(
      world,
      async () => {
        const handles = await Promise.all(
          Array.from({ length: sagas }, () =>
            harness.start(par(...many(30)), undefined, { memo: placementMemo('express') }),
          ),
        );
        for (const handle of handles)
          expect((await ended(handle)).report).toMatchObject({
            status: 'compensated',
            reason: { code: 'NO' },
          });
      },
      { maxCachedWorkflows: 100, maxConcurrentLocalActivityExecutions: 5 },
    );
  });
});
