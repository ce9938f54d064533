import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { TypedSearchAttributes } from '@temporalio/common';
import type { Finding, SagaClient } from '../../src/client';
import { type RescueInput, sagaStatusAttribute } from '../../src/saga';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Harness, states } from './harness';
import { nested, pivot, type Program, run, seq, wait } from './program';
import { programSaga } from './program-workflow';
import { World } from './world';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  client = harness.client;
});
afterAll(async () => await harness.stop());

const named = (sagaId: string) => ({ ...programSaga, idOf: () => sagaId });
const SagaStatus = new TypedSearchAttributes([{ key: sagaStatusAttribute, value: 'FORWARD' }]);

async function audit(): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of client.audit()) found.push(finding);
  return found;
}

async function findingOf(sagaId: string): Promise<Finding | undefined> {
  let finding: Finding | undefined;
  await until(`${sagaId} is found`, async () => {
    finding = (await audit()).find((each) => each.sagaId === sagaId);
    return finding !== undefined;
  });
  return finding;
}

/** Starts a saga, terminates it when `a` has happened, and returns its id. */
async function terminated(program: Program = seq(run('a'), wait('never'))): Promise<string> {
  const sagaId = `ids-${randomUUID()}`;
  await client.start(named(sagaId), program);
  const handle = harness.handle(sagaId);
  await harness.until(handle, (report) => states(report)['a'] === 'succeeded');
  await handle.terminate();
  return sagaId;
}

describe('the ids of rescues and reverses are not those of sagas', () => {
  test.each(['order-A17-rescue', 'order-A17-reverse', '-rescue'])('%s cannot be started', async (sagaId) => {
    const invalid = { code: 'SAGA_ID_INVALID', sagaId };
    await expect(client.start(named(sagaId), run('a'))).rejects.toMatchObject(invalid);
    await expect(client.startUntil(named(sagaId), run('a'), 'm')).rejects.toMatchObject(invalid);
    expect(() => client.scheduleAction(named(sagaId), run('a'))).toThrow(expect.objectContaining(invalid));
    await expect(client.outcome(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    await expect(client.waitForClose(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
  });

  test('an ordinary saga under the id of a rescue is none: it is not what the rescue answers with', async () => {
    await harness.withWorkers(new World(), async () => {
      const sagaId = await terminated();
      const foreign = await harness.start(run('x'), `${sagaId}-rescue`, {
        typedSearchAttributes: SagaStatus,
      });
      await foreign.result();
      await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'RESCUE_ID_TAKEN', sagaId });
      expect(await findingOf(sagaId)).toMatchObject({ code: 'TERMINATED', advice: 'rescue' });
      const rescued: Finding[] = [];
      for await (const finding of client.audit({ rescue: true }))
        if (finding.sagaId === sagaId) rescued.push(finding);
      expect(rescued).toMatchObject([{ advice: 'by-hand', message: expect.stringContaining('-rescue') }]);
    });
  });

  test('one that failed, and that the server would let a rescue replace, is left as it is', async () => {
    await harness.withWorkers(new World().script('do x', 'refuse'), async () => {
      const sagaId = await terminated();
      const foreign = await harness.start(run('x'), `${sagaId}-rescue`);
      await expect(foreign.result()).rejects.toThrow();
      await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'RESCUE_ID_TAKEN' });
      expect(await client.outcome(`${sagaId}-rescue`)).toMatchObject({ kind: 'compensated' });
    });
  });

  test('a rescue of another saga under that id is none of this one', async () => {
    await harness.withWorkers(new World(), async () => {
      const sagaId = await terminated();
      const input: RescueInput = { sagaId: 'another', why: 'rescue', entries: [] };
      await harness.env.client.workflow.execute('rescueSaga', {
        workflowId: `${sagaId}-rescue`,
        taskQueue: programSaga.taskQueue,
        args: [input],
      });
      await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'RESCUE_ID_TAKEN' });
      expect(await findingOf(sagaId)).toMatchObject({ code: 'TERMINATED' });
    });
  });

  test('a saga whose own id ends like that of a rescue can be rescued', async () => {
    await harness.withWorkers(new World(), async () => {
      const sagaId = `ids-${randomUUID()}-reverse`;
      const handle = await harness.start(seq(run('a'), wait('never')), sagaId, {
        typedSearchAttributes: SagaStatus,
      });
      await harness.until(handle, (report) => states(report)['a'] === 'succeeded');
      await handle.terminate();
      const { rescueId } = await client.rescue(sagaId);
      expect(rescueId).toBe(`${sagaId}-rescue`);
      expect(await client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    });
  });
});

describe('the id of a nested saga', () => {
  test('belongs to somebody else: the rescue of the parent leaves that one alone', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const sagaId = `ids-${randomUUID()}`;
      const foreign = await harness.start(seq(run('x'), pivot('p')), `${sagaId}.inner`);
      await foreign.result();
      await client.start(named(sagaId), seq(run('a'), nested('inner', run('y'))));
      const handle = harness.handle(sagaId);
      await harness.until(handle, (report) => report.status !== 'forward');
      await handle.terminate();
      const { rescueId } = await client.rescue(sagaId);
      expect(await client.waitForClose(rescueId)).toMatchObject({
        kind: 'completed',
        result: { steps: [{ name: 'a', state: 'compensated' }] },
      });
    });
    expect(world.effects).toEqual(['do x', 'do p', 'do a', 'undo a']);
  });

  test('is not what a start of the same answers with', async () => {
    await harness.withWorkers(new World(), async () => {
      const sagaId = `ids-${randomUUID()}`;
      await client.start(named(sagaId), nested('inner', run('y')));
      await client.waitForClose(sagaId);
      const same = client.start(named(`${sagaId}.inner`), run('y'));
      await expect(same).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
    });
  });
});

test('a workflow of another type with the same input is not the saga that was to be started', async () => {
  await harness.withWorkers(new World(), async () => {
    const sagaId = `ids-${randomUUID()}`;
    await harness.start(run('a'), sagaId).then((handle) => handle.result());
    const other = { ...named(sagaId), workflow: 'fourStepsByHand' };
    await expect(client.start(other, run('a'))).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
    expect(await client.start(named(sagaId), run('a'))).toMatchObject({ started: false });
  });
});

test('a saga without an input is started once, and asking again is no error', async () => {
  const definition = { ...named(`ids-${randomUUID()}`), workflow: 'fourStepsByHand' };
  expect(await client.start(definition, undefined as never)).toMatchObject({ started: true });
  expect(await client.start(definition, undefined as never)).toMatchObject({ started: false });
  await expect(client.start(definition, run('a'))).rejects.toMatchObject({ code: 'SAGA_ID_TAKEN' });
});

describe('one workflow that cannot be examined', () => {
  test('is a finding, and hides no other', async () => {
    await harness.withWorkers(new World(), async () => {
      const good = await terminated();
      const broken = `ids-${randomUUID()}`;
      const { workflowService, options } = harness.env.client;
      const encode = (text: string) => new TextEncoder().encode(text);
      const unreadable = { metadata: { encoding: encode('binary/of-somebody-else') }, data: encode('x') };
      await workflowService.startWorkflowExecution({
        namespace: options.namespace,
        workflowId: broken,
        requestId: broken,
        workflowType: { name: 'noSaga' },
        taskQueue: { name: 'nobody' },
        memo: { fields: { theirs: unreadable } },
        searchAttributes: {
          indexedFields: {
            SagaStatus: {
              metadata: { encoding: encode('json/plain'), type: encode('Keyword') },
              data: encode('"FORWARD"'),
            },
          },
        },
      });
      await harness.env.client.workflow.getHandle(broken).terminate();
      expect(await findingOf(broken)).toMatchObject({
        code: 'NOT_EXAMINED',
        advice: 'by-hand',
        effects: [],
        message: expect.stringContaining('binary/of-somebody-else'),
      });
      expect(await findingOf(good)).toMatchObject({ code: 'TERMINATED' });
      const listed: string[] = [];
      for await (const { sagaId, state } of client.list({ state: 'terminated' }))
        listed.push(`${sagaId} ${state}`);
      expect(listed).toEqual(expect.arrayContaining([`${broken} terminated`, `${good} terminated`]));
    });
  });
});
