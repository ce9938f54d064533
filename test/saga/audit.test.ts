import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type CommonWorkflowOptions, TypedSearchAttributes } from '@temporalio/common';
import type { Finding, SagaClient } from '../../src/client';
import { sagaStatusAttribute } from '../../src/saga';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { ended, Harness } from './harness';
import { fail, finalPivot, irreversible, pivot, type Program, retriable, run, seq } from './program';
import type { fourStepsByHand } from './program-workflow';
import { World } from './world';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  client = harness.client;
});
afterAll(async () => await harness.stop());

/** As the client starts a saga. */
const asSaga: CommonWorkflowOptions = {
  typedSearchAttributes: new TypedSearchAttributes([{ key: sagaStatusAttribute, value: 'FORWARD' }]),
};

async function audit(pageSize = 200): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  for await (const finding of client.audit({ pageSize })) found.set(finding.sagaId, finding);
  return found;
}

/** The finding of a saga, as soon as visibility knows of it. */
async function findingOf(sagaId: string): Promise<Finding | undefined> {
  let finding: Finding | undefined;
  await until(`${sagaId} is found`, async () => (finding = (await audit()).get(sagaId)) !== undefined);
  return finding;
}

async function closedByVisibility(...sagaIds: string[]): Promise<void> {
  const ids = sagaIds.map((id) => `'${id}'`).join(', ');
  await until('visibility knows that they have closed', async () => {
    const query = `WorkflowId IN (${ids}) AND ExecutionStatus != 'Running'`;
    return (await harness.env.client.workflow.count(query)).count === sagaIds.length;
  });
}

/** Runs the program until this operation has arrived, and terminates it. */
async function terminated(world: World, program: Program, at: string): Promise<string> {
  return await harness.withWorkers(world, async () => {
    const handle = await harness.start(program, undefined, asSaga);
    await world.arrived(at);
    await handle.terminate();
    return handle.workflowId;
  });
}

describe('the audit without records knows what the histories tell', () => {
  test('a saga that was terminated: what may stand, and what to do', async () => {
    const world = new World().script('do b', 'held');
    const sagaId = await terminated(world, seq(run('a'), run('b')), 'do b');
    expect(await findingOf(sagaId)).toMatchObject({
      code: 'TERMINATED',
      advice: 'rescue',
      effects: [
        { participant: 'world', step: 'a', kind: 'compensatable' },
        { participant: 'world', step: 'b', kind: 'compensatable' },
      ],
    });
  });

  test.each([
    ['passed', 'reverse', pivot('p')],
    ['passed and final', 'by-hand', finalPivot('p')],
  ] as const)('a saga whose pivot was %s: %s', async (_, advice, passing) => {
    const world = new World().script('do r', 'held');
    const sagaId = await terminated(world, seq(run('a'), passing, retriable('r')), 'do r');
    expect(await findingOf(sagaId)).toMatchObject({ code: 'TERMINATED', advice });
  });

  test('nothing is wrong with a saga that had done nothing, nothing it can undo, or has undone all', async () => {
    const nothing = await harness.start(run('a'), undefined, asSaga);
    await nothing.terminate();
    const final = await terminated(
      new World().script('do b', 'held'),
      seq(irreversible('i'), run('b')),
      'do b',
    );
    await harness.withWorkers(new World(), async () => {
      await client.waitForClose((await client.rescue(final)).rescueId);
      const compensated = await ended(await harness.start(seq(run('a'), fail('NO')), undefined, asSaga));
      const completed = await ended(await harness.start(run('a'), undefined, asSaga));
      const all = [nothing, compensated.handle, completed.handle].map(({ workflowId }) => workflowId);
      await closedByVisibility(final, ...all);
      const found = await audit();
      for (const sagaId of [final, ...all]) expect(found.has(sagaId)).toBe(false);
    });
  });

  test('a rescue that was terminated resolves nothing; one that runs does', async () => {
    const world = new World().script('do b', 'held').script('undo b', 'held', 'held');
    const sagaId = await terminated(world, seq(run('a'), run('b')), 'do b');
    await harness.withWorkers(world, async () => {
      const { rescueId } = await client.rescue(sagaId);
      await world.arrived('undo b');
      await closedByVisibility(sagaId);
      expect((await audit()).has(sagaId)).toBe(false);
      await harness.env.client.workflow.getHandle(rescueId).terminate();
      expect(await findingOf(sagaId)).toMatchObject({ code: 'TERMINATED', advice: 'rescue' });
      expect((await audit()).has(rescueId)).toBe(false);
    });
  });

  test.each([
    ['TIMED_OUT', 'held', { workflowExecutionTimeout: '2s' }],
    ['FAILED_HALF_WAY', 'permanent', {}],
  ] as const)('%s: a saga of which only its calls are known', async (code, behaviour, options) => {
    // The second run takes the place of the first.
    const sagaId = 'by-hand';
    await harness.withWorkers(new World().script('do b', behaviour), async () => {
      const running = harness.env.client.workflow.execute<typeof fourStepsByHand>('fourStepsByHand', {
        ...asSaga,
        ...options,
        workflowId: sagaId,
        taskQueue: 'sagas',
      });
      await expect(running).rejects.toThrow();
    });
    const finding = await findingOf(sagaId);
    expect(finding).toMatchObject({ code, advice: 'by-hand' });
    expect(finding?.effects.map(({ step }) => step)).toEqual(['a', 'b']);
  });

  test('an express saga is left to who has the records', async () => {
    const handle = await harness.start(run('a'), undefined, {
      ...asSaga,
      memo: { SagaPlacement: 'express' },
      // As long as a worker that does not know of the end may go on.
      workflowTaskTimeout: '2s',
    });
    await handle.terminate();
    await closedByVisibility(handle.workflowId);
    expect(await findingOf(handle.workflowId)).toMatchObject({
      code: 'TERMINATED',
      advice: 'by-hand',
      effects: [],
    });
    await expect(client.rescue(handle.workflowId)).rejects.toMatchObject({ code: 'RECORDS_NEEDED' });
  });

  test('page by page as well as at once', async () => {
    const all = await audit();
    expect(all.size).toBeGreaterThan(4);
    expect(await audit(2)).toEqual(all);
  });
});
