import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Priority } from '@temporalio/common';
import { temporal } from '@temporalio/proto';
import { Worker } from '@temporalio/worker';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Harness } from './harness';
import { orderSaga } from './priority-workflow';
import { watchingPriorities } from './priority-world';

const ORDERS_OF_A = 30;

/**
 * A task queue in one part, which alone has an exact order, and whose backlog the server counts at each question instead of
 * every five seconds.
 */
const onePartition = [
  'matching.numTaskqueueReadPartitions=1',
  'matching.numTaskqueueWritePartitions=1',
  'matching.TaskQueueInfoByBuildIdTTL="0s"',
].flatMap((setting) => ['--dynamic-config-value', setting]);

/** The step calls that wait in the task queue of the participant. */
async function backlog({ env }: Harness): Promise<number> {
  const { stats } = await env.client.workflowService.describeTaskQueue({
    namespace: env.namespace ?? 'default',
    taskQueue: { name: 'world' },
    taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    reportStats: true,
  });
  return Number(stats?.approximateBacklogCount ?? 0);
}

/**
 * Starts 30 sagas of tenant A, then one of tenant B, and when the step of each waits in the task queue, a worker that runs one
 * step at a time.
 * @returns how many sagas of A it served before that of B.
 */
async function servedBefore(harness: Harness, a: Priority, b: Priority): Promise<number> {
  const { world, seen } = watchingPriorities();
  const connection = harness.env.nativeConnection;
  const orchestrator = await Worker.create({
    connection,
    taskQueue: orderSaga.taskQueue,
    workflowBundle: harness.bundle,
    shutdownGraceTime: 0,
  });
  return await orchestrator.runUntil(async () => {
    const take = async (tenant: string, priority: Priority) => {
      const { sagaId } = await harness.client.start(orderSaga, { id: `${tenant}-${randomUUID()}`, priority });
      return sagaId;
    };
    const sagas: string[] = [];
    for (let order = 0; order < ORDERS_OF_A; order++) sagas.push(await take('a', a));
    await until('the steps of A wait', async () => (await backlog(harness)) === ORDERS_OF_A);
    const last = await take('b', b);
    await until('the step of B waits', async () => (await backlog(harness)) === ORDERS_OF_A + 1);
    const participant = await Worker.create({
      connection,
      taskQueue: 'world',
      activities: { ...world.activities },
      maxConcurrentActivityTaskExecutions: 1,
      shutdownGraceTime: 0,
    });
    await participant.runUntil(Promise.all([last, ...sagas].map((id) => harness.client.waitForClose(id))));
    expect(seen).toHaveLength(ORDERS_OF_A + 1);
    return seen.findIndex(({ sagaId }) => sagaId === last);
  });
}

const workflows = require.resolve('./priority-workflow');

describe('a development server with its own settings', () => {
  let harness: Harness;
  beforeAll(async () => {
    harness = await Harness.start(await localServer(onePartition), workflows);
  });
  afterAll(async () => await harness.stop());

  test('sagas without a priority are served in the order in which they came', async () => {
    expect(await servedBefore(harness, {}, {})).toBe(ORDERS_OF_A);
  });

  test('a saga with a smaller priorityKey is served before all that wait', async () => {
    expect(await servedBefore(harness, {}, { priorityKey: 1 })).toBe(0);
  });

  test('sagas with a larger priorityKey are served after those without one', async () => {
    expect(await servedBefore(harness, { priorityKey: 5 }, {})).toBe(0);
  });

  test('a fairnessKey changes nothing', async () => {
    const served = await servedBefore(harness, { fairnessKey: 'a' }, { fairnessKey: 'b' });
    expect(served).toBe(ORDERS_OF_A);
  });
});

describe('a development server with matching.enableFairness', () => {
  let harness: Harness;
  beforeAll(async () => {
    const fair = ['--dynamic-config-value', 'matching.enableFairness=true'];
    harness = await Harness.start(await localServer([...onePartition, ...fair]), workflows);
  });
  afterAll(async () => await harness.stop());

  test('tenants with a fairnessKey take turns: one that comes last is served after one saga of the other at most', async () => {
    const served = await servedBefore(harness, { fairnessKey: 'a' }, { fairnessKey: 'b' });
    expect(served).toBeLessThanOrEqual(1);
  });

  test('sagas without a fairnessKey are served in the order in which they came', async () => {
    expect(await servedBefore(harness, {}, {})).toBe(ORDERS_OF_A);
  });

  test('a priorityKey counts before a fairnessKey', async () => {
    const a = { priorityKey: 1, fairnessKey: 'a' };
    expect(await servedBefore(harness, a, { fairnessKey: 'b' })).toBe(ORDERS_OF_A);
  });
});
