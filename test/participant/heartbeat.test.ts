import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Context } from '@temporalio/activity';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment, type TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Worker } from '@temporalio/worker';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { SagaClient } from '../../src/client';
import { testBundle } from '../support/bundle';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { callOf, changesOf, type EffectsDatabase, openEffectsDatabase, rowsOf } from './effects';
import { slowSaga } from './heartbeat-workflow';
import { slowActivities } from './slow-activities';

let env: TestWorkflowEnvironment;
let opened: EffectsDatabase;
let client: SagaClient;
let orchestrator: Worker;
let running: Promise<void>;

/** What the action does between its change and its answer, by saga. */
const waits = new Map<string, () => Promise<unknown>>();
const activities = () =>
  slowActivities(opened.database, 'this one', (sagaId) => waits.get(sagaId)?.() ?? Promise.resolve());

beforeAll(async () => {
  const [server, database, workflowBundle] = await Promise.all([
    localServer(),
    openEffectsDatabase('heartbeat'),
    testBundle(require.resolve('./heartbeat-workflow')),
  ]);
  env = server;
  opened = database;
  client = new SagaClient(env.client);
  const { nativeConnection: connection } = env;
  orchestrator = await Worker.create({
    connection,
    taskQueue: slowSaga.taskQueue,
    workflowBundle,
    activities: activities(),
  });
  running = orchestrator.run();
});
afterAll(async () => {
  orchestrator.shutdown();
  await running;
  await env.teardown();
  await opened.drop();
});

/** Runs a test with a worker of the participant in this process. */
async function withParticipant(run: () => Promise<void>): Promise<void> {
  const { nativeConnection: connection } = env;
  const worker = await Worker.create({ connection, taskQueue: 'slow-stock', activities: activities() });
  await worker.runUntil(run);
}

async function eventsOf(sagaId: string) {
  const { events } = await env.client.workflow.getHandle(sagaId).fetchHistory();
  return events ?? [];
}

async function startedAttempts(sagaId: string) {
  return (await eventsOf(sagaId)).flatMap(({ activityTaskStartedEventAttributes: started }) => started ?? []);
}

describe('a long action shows that it lives', () => {
  test('B1 one whose process is killed is tried again after the heartbeat timeout, and acts once', async () => {
    const child = spawn(process.execPath, ['--require', 'tsx/cjs', require.resolve('./slow-worker.ts')], {
      env: { ...process.env, TEMPORAL_ADDRESS: env.address, SLOW_DATABASE_URL: opened.url },
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    const { sagaId } = await client.start(slowSaga, { orderId: 'killed' });
    try {
      await once(child, 'message');
    } finally {
      child.kill('SIGKILL');
    }
    const killed = Date.now();
    await withParticipant(async () => {
      expect(await client.waitForClose(sagaId)).toMatchObject({
        kind: 'completed',
        result: { reservedBy: 'this one' },
      });
    });
    // Start-to-close is ten minutes.
    expect(Date.now() - killed).toBeLessThan(120_000);
    const [started] = await startedAttempts(sagaId);
    expect(started).toMatchObject({
      attempt: 2,
      lastFailure: { message: 'activity Heartbeat timeout', timeoutFailureInfo: {} },
    });
    expect(await changesOf(opened.database, sagaId)).toEqual([1]);
    expect(await rowsOf(opened.database, sagaId)).toEqual(['do done']);
  });

  test('B1 one that takes longer than the heartbeat timeout is left to its end', async () => {
    let began = 0;
    waits.set('slow', () => {
      began ||= Date.now();
      return until('three heartbeat timeouts have passed', () => Date.now() - began > 3_000);
    });
    await withParticipant(async () => {
      const { sagaId } = await client.start(slowSaga, { orderId: 'slow' });
      expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'completed' });
      expect(await startedAttempts(sagaId)).toMatchObject([{ attempt: 1 }]);
    });
  });

  test('a step that declares a heartbeat runs in an express saga too, without one', async () => {
    const express = new SagaClient(env.client, { placements: { [slowSaga.workflow]: 'express' } });
    const { sagaId } = await express.start(slowSaga, { orderId: 'express' });
    expect(await express.waitForClose(sagaId)).toMatchObject({ kind: 'completed' });
  });
});

describe('S8 a cancel reaches an action that runs', () => {
  test.each([
    ['ends with it', () => Context.current().cancelled],
    ['goes on all the same', () => Context.current().cancelled.catch(() => undefined)],
  ])('S8 nothing of one that %s is committed, and it is blocked', async (how, wait) => {
    const orderId = how.replaceAll(' ', '-');
    let reached = false;
    waits.set(orderId, () => {
      reached = true;
      return wait();
    });
    await withParticipant(async () => {
      const { sagaId } = await client.start(slowSaga, { orderId });
      await until('the action has made its change', () => reached);
      await client.cancel(sagaId);
      expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'cancelled' });
      expect((await eventsOf(sagaId)).some((event) => event.activityTaskCanceledEventAttributes)).toBe(true);
      expect(await changesOf(opened.database, sagaId)).toEqual([]);
      expect(await rowsOf(opened.database, sagaId)).toEqual(['do blocked']);
    });
  });

  test('nothing of a compensation is committed either', async () => {
    const { reserve, release } = activities();
    const attempt = () =>
      new MockActivityEnvironment({ startToCloseTimeoutMs: 10_000 }, { logger: new DefaultLogger('ERROR') });
    const input = { orderId: 'undone' };
    await attempt().run(reserve, input, callOf('undone', 'do'));
    const cancelled = attempt();
    cancelled.cancel('WORKER_SHUTDOWN');
    await expect(cancelled.run(release, { input }, callOf('undone', 'undo'))).rejects.toThrow(
      CancelledFailure,
    );
    expect(await rowsOf(opened.database, 'undone')).toEqual(['do done']);
    await attempt().run(release, { input }, callOf('undone', 'undo'));
    expect(await changesOf(opened.database, 'undone')).toEqual([1, -1]);
  });
});
