import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type {
  Act,
  ActResult,
  Batch,
  Overview,
  SagaDetails,
  SagaPageOfList,
} from '../../src/console/contract';
import type { RunningConsole } from '../../src/console';
import type { DefinitionMap } from '../../src/view/definition-map';
import { fail, pivot, retriable, run, seq } from '../saga/program';
import { World } from '../saga/world';
import { until } from '../support/until';
import { ask, ConsoleHarness } from './harness';

let system: ConsoleHarness;
let running: RunningConsole;
beforeAll(async () => {
  system = await ConsoleHarness.start();
  running = await system.serve();
});
afterAll(() => system.stop());

const signed = { actor: 'grace', reason: 'the bank is back' };
const get = async <T>(path: string): Promise<T> => (await ask(running, path)).body as T;
const act = async (sagaId: string, what: Partial<Act>): Promise<ActResult> => {
  const { status, body } = await ask(running, `/api/sagas/${encodeURIComponent(sagaId)}/acts`, {
    body: { ...signed, ...what },
  });
  expect({ status, body }).toMatchObject({ status: 200 });
  return body as ActResult;
};

test('a stuck saga is found by its cause, understood, and mended; the answer is the effect that was seen', async () => {
  const world = new World().script('do pay', 'permanent', 'permanent');
  await system.harness.withWorkers(world, async () => {
    // A slash, quotes and markup belong to an id as anything else does.
    const sagaId = `order/7 'x' "y" <b>&é%2F`;
    await system.startSaga(sagaId, seq(run('hold'), pivot('pay'), retriable('ship')));
    await system.untilStuck(sagaId);

    const { counts, workflows, incidents } = await get<Overview>('/api/overview');
    expect(counts.stuck).toBe(1);
    expect(workflows).toContain('runProgram');
    expect(incidents).toMatchObject([
      {
        kind: 'stuck',
        workflow: 'runProgram',
        step: 'pay',
        count: 1,
        causes: [{ code: 'BROKEN', count: 1 }],
      },
    ]);
    const { filter } = incidents[0] as Overview['incidents'][number];
    const query = new URLSearchParams(filter as Record<string, string>).toString();
    const { sagas } = await get<SagaPageOfList>(`/api/sagas?${query}`);
    expect(sagas).toMatchObject([{ sagaId, state: 'stuck', stuckStep: 'pay' }]);

    const path = `/api/sagas/${encodeURIComponent(sagaId)}`;
    const details = await get<SagaDetails>(path);
    expect(details.decisions).toEqual([
      { step: 'pay', op: 'do', verbs: ['retry', 'resolve'], needsOutput: true },
    ]);
    expect(details.map).toMatchObject({
      nodes: [
        { id: 'hold', state: 'succeeded' },
        { id: 'pay', state: 'stuck', code: 'BROKEN' },
      ],
      edges: [{ from: 'hold', to: 'pay' }],
    });
    expect(details.timeline.steps.map(({ name }) => name)).toEqual(['hold', 'pay']);
    expect(await get(`${path}/payloads`)).toMatchObject({
      operations: [
        { step: 'hold', op: 'do', input: { step: 'hold' }, result: 'succeeded', output: { did: 'hold' } },
        { step: 'pay', op: 'do', result: 'failed' },
      ],
    });

    expect(await act(sagaId, { verb: 'retry', step: 'pay' })).toMatchObject({
      result: 'still-stuck',
      state: 'stuck',
    });
    expect(await act(sagaId, { verb: 'resolve', step: 'pay' })).toMatchObject({
      result: 'refused',
      message: expect.stringContaining('output must say what the action would have answered') as unknown,
    });
    const done = await act(sagaId, { verb: 'resolve', step: 'pay', output: { by: 'hand' }, ticket: 'OPS-1' });
    expect(done).toMatchObject({ result: 'done', sagaId });
    await until('it to complete', async () => (await get<SagaDetails>(path)).saga.state === 'completed');
    const after = await get<SagaDetails>(path);
    expect(after.report?.desk).toMatchObject([
      { verb: 'retry', ...signed },
      { verb: 'resolve', ...signed, ticket: 'OPS-1' },
    ]);
    expect(after.verbs).toEqual(['reverse']);
    const exported = await get<string>(
      `/api/decisions?where=${encodeURIComponent("SagaStatus = 'FORWARD'")}`,
    );
    const decisions = exported.split('\n').filter(Boolean);
    expect(decisions.map((decision) => JSON.parse(decision) as unknown)).toMatchObject([
      { sagaId, workflow: 'runProgram', verb: 'retry', ...signed },
      { sagaId, workflow: 'runProgram', verb: 'resolve', ...signed, ticket: 'OPS-1' },
    ]);
  });
});

test('a definition is drawn as its latest sagas went through it', async () => {
  const world = new World().script('do c', 'refuse');
  await system.harness.withWorkers(world, async () => {
    await system.startSaga('drawn', seq(run('a'), run('b'), run('c'), fail('NO')));
    await until(
      'it to end',
      async () => (await system.harness.client.outcome('drawn')).kind === 'compensated',
    );
    const map = await get<DefinitionMap>('/api/maps/runProgram');
    expect(map.edges).toEqual(
      expect.arrayContaining([
        { from: 'a', to: 'b', seen: 1 },
        { from: 'b', to: 'c', seen: 1 },
      ]),
    );
    expect(map.nodes).toEqual(
      expect.arrayContaining([expect.objectContaining({ id: 'c', seen: 1, failed: 1, stuck: 0 })]),
    );
  });
});

test('a map that no worker answered for says so, and is not kept', async () => {
  const alone = await system.serve();
  const shown = async () => (await ask(alone, '/api/maps/runProgram')).body as DefinitionMap;
  await system.harness.withWorkers(new World(), async () => {
    await system.startSaga('unread', seq(run('a')));
    await until(
      'it to complete',
      async () => (await system.harness.client.outcome('unread')).kind === 'completed',
    );
  });
  const before = await shown();
  expect(before).toMatchObject({ read: 0, nodes: [] });
  expect(before.listed).toBeGreaterThan(0);
  await system.harness.withWorkers(new World(), async () => {
    const { read, listed } = await shown();
    expect(read).toBe(listed);
  });
  // All were read: kept, although no worker is up now.
  const { read, listed } = await shown();
  expect(read).toBe(listed);
});

describe('a batch', () => {
  const ids = Array.from({ length: 6 }, (_, index) => `many-${index}`);
  const filter = { where: `SagaStuckStep = 'undo-me'` };

  test('is estimated, suspended, resumed by the next console, and logged saga by saga', async () => {
    const world = new World().script('undo undo-me', ...Array<'permanent'>(500).fill('permanent'));
    await system.harness.withWorkers(world, async () => {
      for (const id of ids) await system.startSaga(id, seq(run('undo-me'), fail('NO')));
      for (const id of ids) await system.untilStuck(id);
      const order = { verb: 'retry', ...signed, filter, perSecond: 1 };
      await until('visibility to list them', async () => {
        const { body } = await ask(running, '/api/batches/estimate', { body: order });
        return (body as { count: number }).count === ids.length;
      });
      const first = await system.serve();
      const { body } = await ask(first, '/api/batches', { body: order });
      const { id, total } = body as Batch;
      expect(total).toBe(ids.length);
      const shown = async () => (await ask(first, `/api/batches/${id}`)).body as Batch;
      await until('the first of them', async () => Object.keys((await shown()).results).length > 0);
      await ask(first, `/api/batches/${id}/suspend`, { body: {} });
      expect((await ask(first, `/api/batches/${id}/suspend`, { body: {} })).body).toMatchObject({
        code: 'BATCH_STATE',
      });
      await first.close();

      const second = await system.serve();
      const found = (await ask(second, `/api/batches/${id}`)).body as Batch;
      expect(found).toMatchObject({ state: 'interrupted', total, actor: 'grace', verb: 'retry' });
      await ask(second, `/api/batches/${id}/resume`, { body: {} });
      await until(
        'it to be done',
        async () => ((await ask(second, `/api/batches/${id}`)).body as Batch).state === 'done',
      );
      const done = (await ask(second, `/api/batches/${id}`)).body as Batch;
      expect(Object.values(done.results).reduce((sum, count) => sum + count, 0)).toBe(total);
      const log = readFileSync(join(system.directory, 'batches', `${id}.jsonl`), 'utf8');
      expect((await ask(second, `/api/batches/${id}/log`)).body).toBe(log);
      const results = log.split('\n').filter((line) => line.includes('"result"'));
      expect(results.map((line) => (JSON.parse(line) as ActResult).sagaId).sort()).toEqual(ids);
    });
  });
});

test.each([
  ['a filter that the server refuses', '/api/sagas?where=Nonsense', 400, 'REQUEST_INVALID'],
  ['a state that there is not', '/api/sagas?state=lost', 400, 'REQUEST_INVALID'],
  [
    'a workflow with a quote',
    `/api/sagas?workflow=${encodeURIComponent("x' OR '1")}`,
    400,
    'REQUEST_INVALID',
  ],
  ['a saga that there is not', '/api/sagas/nobody', 404, 'SAGA_NOT_FOUND'],
  ['a batch that there is not', '/api/batches/..%2F..%2Fetc', 404, 'NOT_FOUND'],
  ['an address that there is not', '/api/nothing', 404, 'NOT_FOUND'],
])('%s is refused with a code', async (_, path, status, code) => {
  expect(await ask(running, path)).toMatchObject({ status, body: { code } });
});

test.each([
  ['without an actor', { verb: 'retry', reason: 'why' }],
  ['without a reason', { verb: 'retry', actor: 'grace', reason: ' ' }],
  ['by a verb that there is not', { ...signed, verb: 'destroy' }],
  ['with what nobody asked for', { ...signed, verb: 'retry', force: true }],
])('an act %s changes nothing', async (_, body) => {
  expect(await ask(running, '/api/sagas/nobody/acts', { body })).toMatchObject({
    status: 400,
    body: { code: 'REQUEST_INVALID' },
  });
});

test('what people must not see is replaced, and marked as not to be sent back', async () => {
  const world = new World().script('do pay', 'permanent');
  const redacting = await system.serve({
    redact: (value, { step }) => (step === 'pay' ? '(hidden)' : value),
  });
  await system.harness.withWorkers(world, async () => {
    await system.startSaga('secret', seq(run('hold'), pivot('pay')));
    await system.untilStuck('secret');
    expect((await ask(redacting, '/api/sagas/secret/payloads')).body).toMatchObject({
      redacted: true,
      operations: [
        { step: 'hold', input: { step: 'hold' } },
        { step: 'pay', input: '(hidden)' },
      ],
    });
    expect((await ask(running, '/api/sagas/secret/payloads')).body).toMatchObject({ redacted: false });
  });
});
