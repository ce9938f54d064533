import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { SagaClient } from '../../src/client';
import { behindBarrier } from '../saga/barrier-world';
import { Harness } from '../saga/harness';
import { run, seq } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { type EffectsDatabase, openEffectsDatabase } from '../participant/effects';
import { localServer } from '../support/temporal';
import { until } from '../support/until';

let harness: Harness;
let opened: EffectsDatabase;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  opened = await openEffectsDatabase('schedule');
});
afterAll(async () => {
  await opened.drop();
  await harness.stop();
});

test('S20 a Schedule starts a saga each time it fires, and each acts', async () => {
  const client = new SagaClient(harness.env.client, { placements: { runProgram: 'saga-queue' } });
  const definition = {
    ...programSaga,
    idOf: () => 'nightly',
    summary: () => 'the nightly one',
    attributes: () => [],
  };
  const world = new World();
  await harness.withWorkers(behindBarrier(world, opened.database), async () => {
    const action = client.scheduleAction(definition, seq(run('a'), run('b')));
    const schedule = await harness.env.client.schedule.create({ scheduleId: 'nightly', spec: {}, action });
    const fired = async () =>
      (await schedule.describe()).info.recentActions.map(({ action: { workflow } }) => workflow.workflowId);
    await schedule.trigger();
    await until('it has fired', async () => (await fired()).length === 1);
    const [first = ''] = await fired();
    expect(await client.waitForClose(first)).toEqual({ kind: 'completed', result: ['a', 'b'] });
    // The ids differ by the second; a firing in the same one is the same saga.
    await until('it has fired again', async () => {
      await schedule.trigger();
      return new Set(await fired()).size > 1;
    });
    const second = (await fired()).find((id) => id !== first) ?? '';
    expect(await client.waitForClose(second)).toEqual({ kind: 'completed', result: ['a', 'b'] });

    expect([first, second]).toEqual([
      expect.stringMatching(/^nightly-\d{4}-.*Z$/),
      expect.stringMatching(/^nightly-\d{4}-.*Z$/),
    ]);
    const rows = await opened.database.query<{ sagaId: string; step: string }>(
      `SELECT saga_id AS "sagaId", step FROM saga_barrier WHERE state = 'done' AND saga_id = ANY ($1) ORDER BY 1, 2`,
      [[first, second]],
    );
    expect(rows).toEqual(
      [first, second].sort().flatMap((sagaId) => [
        { sagaId, step: 'a' },
        { sagaId, step: 'b' },
      ]),
    );
    const saga = await harness.handle(first).describe();
    expect(saga.memo).toMatchObject({ SagaPlacement: 'saga-queue' });
    expect(saga.typedSearchAttributes.getAll().map(({ key }) => key.name)).toContain('SagaStatus');
    expect(await saga.staticSummary()).toBe('the nightly one');
    expect(Number(saga.raw.executionConfig?.workflowExecutionTimeout?.seconds ?? 0)).toBe(0);
    await schedule.delete();
  });
});

test('an id that has no room for the time of its firing is refused before the Schedule is made', () => {
  const client = new SagaClient(harness.env.client);
  const named = (sagaId: string) => ({ ...programSaga, idOf: () => sagaId });
  expect(client.scheduleAction(named('x'.repeat(234)), run('a')).workflowId).toHaveLength(234);
  expect(() => client.scheduleAction(named('x'.repeat(236)), run('a'))).toThrow(
    expect.objectContaining({ code: 'SAGA_ID_INVALID' }),
  );
});
