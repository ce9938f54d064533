import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Priority } from '@temporalio/common';
import { SagaClient } from '../../src/client';
import type { Placement } from '../../src/saga';
import { setPriority } from '../../src/saga/priority';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Harness } from './harness';
import { type Order, orderSaga } from './priority-workflow';
import { type Seen, watchingPriorities } from './priority-world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer(), require.resolve('./priority-workflow'));
});
afterAll(async () => await harness.stop());

const gold = { priorityKey: 2, fairnessKey: 'gold', fairnessWeight: 5 };
/** What a saga has that sets this key alone, and inherits the rest of `gold`. */
const urgentGold = { ...gold, priorityKey: 1 };

async function start(order: Omit<Order, 'id'>, placement: Placement = 'participants'): Promise<string> {
  const id = `order-${randomUUID()}`;
  const client = new SagaClient(harness.env.client, { placements: { [orderSaga.workflow]: placement } });
  await client.start(orderSaga, { ...order, id });
  return id;
}

/** The priority of the latest run, as the server describes it. */
async function priorityOf(workflowId: string): Promise<Priority | undefined> {
  return setPriority((await harness.handle(workflowId).describe()).priority);
}

const attempts = (seen: readonly Seen[], operation: string) =>
  seen.filter((each) => each.operation === operation).map(({ priority }) => priority);

describe('activities inherit the priority of their saga', () => {
  test('participants: each action and compensation, also in a run that was continued as new', async () => {
    const { world, seen } = watchingPriorities();
    await harness.withWorkers(world, async () => {
      const id = await start({ priority: gold, moreRuns: 1, end: 'fails' });
      expect(await harness.client.waitForClose(id)).toMatchObject({ kind: 'compensated' });
      expect(await priorityOf(id)).toEqual(gold);
    });
    expect(seen.map(({ operation }) => operation)).toEqual(['do a', 'do a#2', 'undo a#2', 'undo a']);
    expect(seen.map(({ priority }) => priority)).toEqual([gold, gold, gold, gold]);
  });

  test('saga-queue: each attempt that waited in the queue; one that is handed over eagerly does not wait', async () => {
    const { world, seen } = watchingPriorities();
    world.script('do a#2', 'transient').script('undo a', 'transient');
    await harness.withWorkers(world, async () => {
      const id = await start({ priority: gold, moreRuns: 1, end: 'fails' }, 'saga-queue');
      expect(await harness.client.waitForClose(id)).toMatchObject({ kind: 'compensated' });
    });
    // A second attempt is never eager.
    expect(attempts(seen, 'do a#2')).toHaveLength(2);
    expect(attempts(seen, 'do a#2')[1]).toEqual(gold);
    expect(attempts(seen, 'undo a')[1]).toEqual(gold);
  });

  test('express: each compensation that waited in the queue; an action is a local activity, and has none', async () => {
    const { world, seen } = watchingPriorities();
    world.script('undo a', 'transient');
    await harness.withWorkers(world, async () => {
      const id = await start({ priority: gold, end: 'fails' }, 'express');
      expect(await harness.client.waitForClose(id)).toMatchObject({ kind: 'compensated' });
    });
    expect(attempts(seen, 'do a')).toEqual([undefined]);
    expect(attempts(seen, 'undo a')[1]).toEqual(gold);
  });

  test('without a priority there is none', async () => {
    const { world, seen } = watchingPriorities();
    await harness.withWorkers(world, async () => {
      const id = await start({});
      await harness.client.waitForClose(id);
      expect(await priorityOf(id)).toBeUndefined();
    });
    expect(seen.map(({ priority }) => priority)).toEqual([undefined]);
  });
});

describe('S10 a nested saga', () => {
  test.each([
    [
      'has the priority of its own definition, and inherits what that does not set',
      { priorityKey: 1 },
      urgentGold,
    ],
    ['inherits all of its parent without one', undefined, gold],
    ['inherits all of its parent when its own is not valid', { priorityKey: 0, fairnessKey: 'silver' }, gold],
  ])('%s', async (_, priority, expected) => {
    const { world, seen } = watchingPriorities();
    await harness.withWorkers(world, async () => {
      const id = await start({ priority: gold, part: { id: 'part', ...(priority && { priority }) } });
      expect(await harness.client.waitForClose(id)).toMatchObject({ kind: 'completed' });
      expect(await priorityOf(`${id}.part`)).toEqual(expected);
      const ofPart = seen.filter(({ sagaId }) => sagaId === `${id}.part`);
      expect(ofPart.map(({ priority: inherited }) => inherited)).toEqual([expected]);
      expect(await priorityOf(id)).toEqual(gold);
    });
  });

  test('is reversed with its own priority, also by a later run of its parent', async () => {
    const { world, seen } = watchingPriorities();
    await harness.withWorkers(world, async () => {
      const part = { id: 'part', priority: { priorityKey: 1 } };
      const id = await start({ priority: gold, part, moreRuns: 1, end: 'fails' });
      expect(await harness.client.waitForClose(id)).toMatchObject({ kind: 'compensated' });
      expect(await priorityOf(`${id}.part-reverse`)).toEqual(urgentGold);
      const undone = seen.filter(({ sagaId, operation }) => sagaId !== id && operation === 'undo a');
      expect(undone).toMatchObject([{ sagaId: `${id}.part`, priority: urgentGold }]);
    });
  });
});

describe('S13 what undoes a saga has its priority', () => {
  test('a rescue, and the reverse of a nested saga that was terminated too', async () => {
    const { world, seen } = watchingPriorities();
    await harness.withWorkers(world, async () => {
      const part = { id: 'part', priority: { priorityKey: 1 }, end: 'waits' } as const;
      const id = await start({ priority: gold, part });
      await until('the part has acted', () => world.effects.includes('do a'));
      await harness.handle(`${id}.part`).terminate();
      await harness.handle(id).terminate();
      const { rescueId } = await harness.client.rescue(id);
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
      expect(await priorityOf(rescueId)).toEqual(gold);
      expect(await priorityOf(`${id}.part-reverse`)).toEqual(urgentGold);
    });
    expect(attempts(seen, 'undo a')).toEqual([urgentGold]);
  });

  test('a reverse', async () => {
    const { world, seen } = watchingPriorities();
    await harness.withWorkers(world, async () => {
      const id = await start({ priority: gold });
      await harness.client.waitForClose(id);
      const { rescueId } = await harness.client.reverse(id);
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
      expect(await priorityOf(rescueId)).toEqual(gold);
    });
    expect(attempts(seen, 'undo a')).toEqual([gold]);
  });
});
