import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Priority } from '@temporalio/common';
import { SagaClient } from '../../src/client';
import { setPriority } from '../../src/saga/priority';
import { Harness } from '../saga/harness';
import { orderSaga } from '../saga/priority-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { until } from '../support/until';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer(), require.resolve('../saga/priority-workflow'));
  client = new SagaClient(harness.env.client);
});
afterAll(async () => await harness.stop());

const gold = { priorityKey: 2, fairnessKey: 'gold', fairnessWeight: 5 };

async function priorityOf(workflowId: string): Promise<Priority | undefined> {
  return setPriority((await harness.handle(workflowId).describe()).priority);
}

describe('a saga is started with the priority of its definition', () => {
  test('by start and startUntil', async () => {
    await harness.withWorkers(new World(), async () => {
      const [id, other] = [randomUUID(), randomUUID()];
      await client.start(orderSaga, { id, priority: gold });
      expect(await priorityOf(id)).toEqual(gold);
      await client.startUntil(orderSaga, { id: other, priority: { fairnessKey: 'ü'.repeat(32) } }, 'none');
      expect(await priorityOf(other)).toEqual({ fairnessKey: 'ü'.repeat(32) });
    });
  });

  test('by a Schedule', async () => {
    await harness.withWorkers(new World(), async () => {
      const action = client.scheduleAction(orderSaga, { id: 'nightly', priority: gold });
      const { schedule } = harness.env.client;
      const nightly = await schedule.create({ scheduleId: 'nightly', spec: {}, action });
      await nightly.trigger();
      const fired = async () =>
        (await nightly.describe()).info.recentActions.map(({ action: { workflow } }) => workflow.workflowId);
      await until('it has fired', async () => (await fired()).length === 1);
      const [sagaId = ''] = await fired();
      expect(await priorityOf(sagaId)).toEqual(gold);
      await nightly.delete();
    });
  });
});

describe('a priority that the server would refuse or change is refused, and nothing is sent', () => {
  test.each<[string, unknown]>([
    ['priorityKey', 0],
    ['priorityKey', -1],
    ['priorityKey', 1.5],
    ['priorityKey', 2 ** 31],
    ['priorityKey', '1'],
    ['fairnessKey', 'x'.repeat(65)],
    ['fairnessKey', 'ü'.repeat(33)],
    ['fairnessKey', '\ud800'],
    ['fairnessKey', 7],
    ['fairnessWeight', 0],
    ['fairnessWeight', 0.0009],
    ['fairnessWeight', 1000.1],
    ['fairnessWeight', NaN],
  ])('%s %p', async (field, value) => {
    const id = randomUUID();
    const order = { id, priority: { [field]: value } };
    const refused = { code: 'PRIORITY_INVALID', sagaId: id, message: expect.stringContaining(field) };
    await expect(client.start(orderSaga, order)).rejects.toMatchObject(refused);
    await expect(client.startUntil(orderSaga, order, 'none')).rejects.toMatchObject(refused);
    expect(() => client.scheduleAction(orderSaga, order)).toThrow(expect.objectContaining(refused));
    await expect(client.outcome(id)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  });

  test('what is no object', async () => {
    const definition = { ...orderSaga, priority: () => 3 as unknown as Priority };
    const refused = { code: 'PRIORITY_INVALID' };
    await expect(client.start(definition, { id: 'three' })).rejects.toMatchObject(refused);
    await expect(client.outcome('three')).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  });

  test('the limits themselves are valid', async () => {
    for (const priority of [
      { priorityKey: 1, fairnessKey: 'x'.repeat(64), fairnessWeight: 0.001 },
      { priorityKey: 2 ** 31 - 1, fairnessWeight: 1000 },
    ]) {
      const id = randomUUID();
      await client.start(orderSaga, { id, priority });
      const { priorityKey, fairnessWeight = 0 } = (await priorityOf(id)) ?? {};
      expect(priorityKey).toBe(priority.priorityKey);
      expect(fairnessWeight).toBeCloseTo(priority.fairnessWeight);
      await harness.handle(id).terminate();
    }
  });
});
