import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Harness, states, taskFailure } from './harness';
import type {
  firstElse,
  goThrough,
  goThroughNested,
  Long,
  LongOptions,
  onceMore,
  twice,
  waitForEver,
} from './long-workflow';
import { ResettableRun } from '../../src/testing/reset';
import { World } from './world';

const MAX_EVENTS = 2_000;

let harness: Harness;
beforeAll(async () => {
  const server = await localServer([
    '--dynamic-config-value',
    `limit.historyCount.error=${String(MAX_EVENTS)}`,
  ]);
  harness = await Harness.start(server, require.resolve('./long-workflow'));
});
afterAll(async () => await harness.stop());

const start = async (long: Long, options: LongOptions = {}) =>
  await harness.startNamed<typeof goThrough>('goThrough', long, options);

const item = (index: number) => (index === 0 ? 'item' : `item#${String(index + 1)}`);
const items = (count: number) => Array.from({ length: count }, (_, index) => item(index));
const done = (steps: readonly string[]) => steps.map((step) => `do ${step}`);
const undone = (steps: readonly string[]) => steps.toReversed().map((step) => `undo ${step}`);

describe('S20 a saga that continues as new', () => {
  test('is refused at its end: what all its runs did is undone, the latest first, each with its own key', async () => {
    const world = new World().script('do last', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 25, perRun: 10 });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'NO' } });
      const { status, earlier } = await harness.report(handle);
      expect({ status, earlier }).toEqual({ status: 'compensated', earlier: undefined });
    });
    expect(world.effects).toEqual([...done(items(25)), ...undone(items(25))]);
  });

  test('is cancelled in its third run: it unwinds, and closes as cancelled', async () => {
    const world = new World().script(`do ${item(24)}`, 'held');
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 25, perRun: 10 });
      await world.arrived(`do ${item(24)}`);
      await handle.cancel();
      world.release(`do ${item(24)}`);
      expect(await harness.client.waitForClose(handle.workflowId)).toEqual({ kind: 'cancelled' });
    });
    expect(world.effects.slice(25)).toEqual(undone(items(25)));
  });

  test('S13 is terminated in its third run: a rescue undoes what all its runs did, with their keys', async () => {
    const world = new World().script(`do ${item(24)}`, 'held');
    await harness.withWorkers(world, async () => {
      const { workflowId } = await start({ items: 25, perRun: 10 });
      await world.arrived(`do ${item(24)}`);
      await harness.handle(workflowId).terminate('the test');
      const { rescueId } = await harness.client.rescue(workflowId);
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    });
    expect(world.effects.filter((effect) => effect.startsWith('undo'))).toEqual(undone(items(25)));
  });

  test('S17 is reset in its third run to before it was cancelled: nothing stands', async () => {
    const world = new World().script(`do ${item(24)}`, 'held');
    await harness.withWorkers(world, async () => {
      const { workflowId } = await start({ items: 25, perRun: 10 });
      await world.arrived(`do ${item(24)}`);
      await harness.handle(workflowId).cancel();
      world.release(`do ${item(24)}`);
      await harness.client.waitForClose(workflowId);
      const run = await ResettableRun.of(harness.env.client, workflowId);
      await run.resetToEvent(run.tasks.at(2));
      expect(await harness.client.waitForClose(workflowId)).toMatchObject({ kind: 'compensated' });
    });
    expect(world.effects.slice(0, 25)).toEqual(done(items(25)));
    expect(new Set(world.effects.slice(25))).toEqual(new Set(undone(items(25))));
  });

  test('has passed its pivot in an earlier run: it goes on behind it', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 25, perRun: 10, pivotAt: 5 });
      expect(await handle.result()).toBe(25);
      expect((await harness.report(handle)).status).toBe('completed');
    });
    expect(world.effects).toHaveLength(25);
  });

  test('S8 its deadline counts from the start of its first run', async () => {
    const world = new World().script(`do ${item(11)}`, 'held');
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 15, perRun: 10 }, { deadline: 1_500 });
      await world.arrived(`do ${item(11)}`);
      await harness.until(handle, ({ deadline }) => deadline?.effect === 'unwound');
      world.release(`do ${item(11)}`);
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'DEADLINE_EXCEEDED' } });
      const { steps, deadline } = await harness.report(handle);
      const first = Date.parse(steps[0]?.startedAt ?? '');
      expect(Date.parse(deadline?.requestedAt ?? '') - first).toBeLessThan(2_500);
    });
    expect(world.effects.slice(12)).toEqual(undone(items(12)));
  });

  test.each(placements)(
    'placement %s: an unwinding that is longer than a history goes on in another run',
    async (placement) => {
      const world = new World().script('do last', 'refuse');
      await harness.withWorkers(world, async () => {
        const handle = await harness.env.client.workflow.start<typeof goThrough>('goThrough', {
          workflowId: `long-${randomUUID()}`,
          taskQueue: 'sagas',
          args: [{ items: 150, perRun: 20 }, { maxHistoryEvents: 1_700 }],
          memo: placementMemo(placement),
        });
        await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'NO' } });
        const { status, earlier } = await harness.report(handle);
        expect(status).toBe('compensated');
        expect(earlier).toBeGreaterThan(0);
        const { memo } = await harness.handle(handle.workflowId).describe();
        expect(memo ?? {}).toEqual(placementMemo(placement));
      });
      expect(world.effects).toEqual([...done(items(150)), ...undone(items(150))]);
    },
  );

  test('S10 as a nested saga: its parent gets its result, and reverses all of it', async () => {
    const world = new World().script('do after', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.startNamed<typeof goThroughNested>('goThroughNested', {
        items: 25,
        perRun: 10,
      });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'NO' } });
      expect(states(await harness.report(handle))).toEqual({ long: 'compensated', after: 'refused' });
    });
    const all = [...items(25), 'last'];
    expect(world.effects).toEqual([...done(all), ...undone(all)]);
  });

  test.each([
    ['in flight', /CANNOT_CONTINUE: .*slow runs/],
    ['elsewhere', /CANNOT_CONTINUE: .*another workflow/],
    ['behind a save-point', /CANNOT_CONTINUE: .*save-point/],
  ] as const)('wrongly, %s, is a usage error at once', async (how, expected) => {
    const world = new World().script('do slow', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 3, perRun: 1, how });
      expect(await taskFailure(handle)).toMatch(expected);
      await handle.terminate('the test has seen it');
    });
  });

  test('after its end, under an id whose keys are used, is a usage error at once', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.startNamed<typeof onceMore>('onceMore');
      expect(await taskFailure(handle)).toMatch(/CANNOT_CONTINUE: .*after its end/);
      await handle.terminate('the test has seen it');
    });
    expect(world.attempts).toEqual(['do item']);
  });

  test('before its saga is refused, since the run before could have used its keys', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.startNamed<typeof firstElse>('firstElse');
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'CONTINUED_WITHOUT_SAGA' } });
    });
    expect(world.attempts).toEqual([]);
  });
});

describe('S20, B6 an id is used for one saga', () => {
  test('a cron schedule is refused', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.env.client.workflow.start<typeof onceMore>('onceMore', {
        workflowId: `cron-${randomUUID()}`,
        taskQueue: 'sagas',
        cronSchedule: '@every 1s',
      });
      const first = harness.env.client.workflow.getHandle(handle.workflowId, handle.firstExecutionRunId);
      await until('the end of the first run', async () => {
        const { events } = await first.fetchHistory();
        const failure = events?.at(-1)?.workflowExecutionFailedEventAttributes?.failure;
        return failure?.applicationFailureInfo?.type === 'UNSAFE_CRON';
      });
      await harness.handle(handle.workflowId).terminate('the test has seen it');
    });
    expect(world.attempts).toEqual([]);
  });

  test('a second saga in one workflow is a usage error', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.startNamed<typeof twice>('twice');
      expect(await taskFailure(handle)).toMatch(/SECOND_SAGA/);
      await handle.terminate('the test has seen it');
    });
    expect(world.attempts).toEqual(['do item']);
  });
});

describe('S14, S18 room for the whole unwinding', () => {
  test('a loop of cheap steps unwinds in time: the server does not end it on the way', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 1_000, perRun: 1_000 }, { maxHistoryEvents: MAX_EVENTS - 100 });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'HISTORY_LIMIT' } });
    });
    const count = world.effects.length / 2;
    expect(count).toBeGreaterThan(20);
    expect(world.effects).toEqual([...done(items(count)), ...undone(items(count))]);
  });

  test('one with more to undo than another run can be given unwinds in this run, and the server does not end it', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const long = { items: 1_000, perRun: 1_000, bytes: 40_000 };
      const handle = await start(long, { maxHistoryEvents: MAX_EVENTS - 100 });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'HISTORY_LIMIT' } });
    });
    const count = world.effects.length / 2;
    expect(count).toBeGreaterThan(20);
    expect(world.effects).toEqual([...done(items(count)), ...undone(items(count))]);
  });

  test('a body that loops on timers unwinds in time', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.startNamed<typeof waitForEver>('waitForEver', { maxHistoryEvents: 700 });
      await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'HISTORY_LIMIT' } });
    });
    expect(world.effects).toEqual(['do item', 'undo item']);
  });

  test('after the pivot, a loop that leaves no room is a usage error, not an end by the server', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await start({ items: 1_000, perRun: 1_000, pivotAt: 0 }, { maxHistoryEvents: 900 });
      expect(await taskFailure(handle)).toMatch(/HISTORY_FULL/);
      expect((await handle.describe()).status.name).toBe('RUNNING');
      await handle.terminate('the test has seen it');
    });
  });
});
