import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Client, type WorkflowService } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { type ListedSaga, SagaClient } from '../../src/client';
import { awaitMilestone } from '../../src/saga';
import { testBundle } from '../support/bundle';
import { localServer } from '../support/temporal';
import { ResettableRun } from '../../src/testing/reset';
import { until } from '../support/until';
import { type Continuing, continuingSaga, goOn } from './continuing-workflow';

let env: TestWorkflowEnvironment;
let worker: Worker;
let running: Promise<void>;
let client: SagaClient;
beforeAll(async () => {
  env = await localServer();
  const workflowBundle = await testBundle(require.resolve('./continuing-workflow'));
  worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue: continuingSaga.taskQueue,
    workflowBundle,
  });
  running = worker.run();
  client = new SagaClient(env.client);
});
afterAll(async () => {
  worker.shutdown();
  await running;
  await env.teardown();
});

const handleOf = (sagaId: string) => env.client.workflow.getHandle(sagaId);

/** Waits until a run of the saga has a milestone's Update open. */
async function asked(sagaId: string, runId?: string): Promise<string> {
  let now = '';
  await until(`a run of ${sagaId} is asked`, async () => {
    const description = await handleOf(sagaId)
      .describe()
      .catch(() => undefined);
    if (!description || description.runId === runId) return false;
    now = description.runId;
    const { events } = await handleOf(sagaId).fetchHistory();
    return Boolean(events?.some((event) => event.workflowExecutionUpdateAcceptedEventAttributes));
  });
  return now;
}

type HistoryRequest = Parameters<WorkflowService['getWorkflowExecutionHistory']>[0];

/** A client whose requests for histories the test sees, and may change. */
function watched(see: (request: HistoryRequest) => HistoryRequest): SagaClient {
  const { workflowService } = env.client;
  const read = (request: HistoryRequest) => workflowService.getWorkflowExecutionHistory(see(request));
  const service = Object.create(workflowService, {
    getWorkflowExecutionHistory: { value: read },
  }) as WorkflowService;
  const temporal = new Client({ connection: env.connection });
  for (const part of [temporal, temporal.workflow])
    Object.defineProperty(part, 'workflowService', { value: service });
  return new SagaClient(temporal);
}

const NO_RUN = '00000000-0000-4000-8000-000000000000';

describe('S20 a saga that goes on in another run', () => {
  test('who waits for its milestone is answered by the run that gets there', async () => {
    const input: Continuing = { id: 'continued', times: 2 };
    const answer = client.startUntil(continuingSaga, input, 'there');
    const first = await asked(input.id);
    await handleOf(input.id).signal(goOn);
    const second = await asked(input.id, first);
    await handleOf(input.id).signal(goOn);
    expect(await answer).toEqual({ kind: 'reached', milestone: 'there', value: 0 });

    const started = await client.start(continuingSaga, input);
    expect(started).toEqual({ sagaId: input.id, runId: expect.any(String), started: false });
    expect([first, second]).not.toContain(started.runId);
    const other = client.start(continuingSaga, { ...input, times: 0 });
    await expect(other).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
    await expect(client.startUntil(continuingSaga, { ...input, times: 0 }, 'there')).rejects.toMatchObject({
      code: 'SAGA_ID_TAKEN',
    });

    expect(await client.outcome(input.id)).toEqual({ kind: 'running' });
    await handleOf(input.id).signal(goOn);
    expect(await client.waitForClose(input.id)).toEqual({ kind: 'completed', result: 'done' });
    expect(await client.start(continuingSaga, input)).toMatchObject({ started: false });
    let listed: ListedSaga[] = [];
    await until('visibility knows', async () => {
      listed = [];
      for await (const saga of client.list({ workflow: continuingSaga.workflow })) listed.push(saga);
      return listed[0]?.state === 'completed';
    });
    expect(listed).toMatchObject([{ sagaId: input.id, runId: started.runId }]);
  });

  test('where its first run is gone, its latest one says what it was started with', async () => {
    const input: Continuing = { id: 'forgotten', times: 1, eager: true };
    const { runId } = await client.start(continuingSaga, input);
    await until('it goes on', async () => (await handleOf(input.id).describe()).runId !== runId);
    // The development server does not delete such a run, so it is asked for one that it never had.
    const gone = watched((request) =>
      request.execution?.runId === runId
        ? { ...request, execution: { ...request.execution, runId: NO_RUN } }
        : request,
    );
    expect(await gone.start(continuingSaga, { ...input, times: 0 })).toMatchObject({ started: false });
    await handleOf(input.id).signal(goOn);
    await client.waitForClose(input.id);
  });

  test('an Update that its run could not end got no answer; it was not refused', async () => {
    const input: Continuing = { id: 'cut-off', times: 1 };
    await client.start(continuingSaga, input);
    const answer = client.update(input.id, awaitMilestone, 'there');
    await asked(input.id);
    await handleOf(input.id).signal(goOn);
    await expect(answer).rejects.toMatchObject({ code: 'NO_ANSWER', sagaId: input.id });
    await handleOf(input.id).signal(goOn);
    expect(await client.waitForClose(input.id)).toMatchObject({ kind: 'completed' });
  });

  test('who asks while it goes on again and again is answered all the same', async () => {
    const ids = Array.from({ length: 8 }, (_, index) => `eager-${index}`);
    const answers = await Promise.all(
      ids.map((id) => client.startUntil(continuingSaga, { id, times: 20, eager: true }, 'there')),
    );
    expect(answers.map(({ kind }) => kind)).toEqual(ids.map(() => 'reached'));
    for (const id of ids) await handleOf(id).signal(goOn);
  });

  test('and closed() waits for the end of the last run, also after a reset', async () => {
    const input: Continuing = { id: 'reset', times: 0 };
    await client.start(continuingSaga, input);
    await until('its first task is done', async () => {
      const { events } = await handleOf(input.id).fetchHistory();
      return Boolean(events?.some((event) => event.workflowTaskCompletedEventAttributes));
    });
    let over = false;
    let waits = false;
    const waiting = watched((request) => {
      waits = true;
      return request;
    });
    const closed = waiting.waitForClose(input.id).finally(() => (over = true));
    await until('it waits for the end of the first run', () => waits);
    const { runId } = await handleOf(input.id).describe();
    await (await ResettableRun.of(env.client, input.id)).resetToTask(0);
    await until('the reset run is asked for its end', async () => {
      return (await handleOf(input.id).describe()).runId !== runId;
    });
    expect(await client.start(continuingSaga, input)).toMatchObject({ started: false });
    expect(over).toBe(false);
    await handleOf(input.id).signal(goOn);
    expect(await closed).toEqual({ kind: 'completed', result: 'done' });
  });
});
