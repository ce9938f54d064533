import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type SagaClient, type SagaState, sagaStates } from '../../src/client';
import { listText } from '../../src/cli/text/list';
import { Harness } from '../saga/harness';
import { fail, irreversible, type Program, run, seq, wait } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { until } from '../support/until';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer(), require.resolve('../saga/leaving-workflow'));
  client = harness.client;
});
afterAll(async () => await harness.stop());

/** The sagas that the list shows, by their id. */
async function listed(state?: SagaState): Promise<Record<string, SagaState>> {
  const shown: Record<string, SagaState> = {};
  for await (const saga of client.list(state ? { state } : {})) shown[saga.sagaId] = saga.state;
  return shown;
}

const programs: Partial<Record<SagaState, Program>> = {
  forward: wait('never'),
  unwinding: seq(run('held'), fail('NO')),
  stuck: seq(run('broken'), fail('NO')),
  completed: run('a'),
  'completed-with-leftovers': run('a'),
  compensated: seq(run('a'), fail('NO')),
  'partly-compensated': seq(irreversible('i'), fail('NO')),
  cancelled: seq(run('a'), wait('never')),
  terminated: wait('never'),
};

test('S11 the list says of each saga how it stands, and is narrowed down to a state', async () => {
  const world = new World().script('undo held', 'held').script('undo broken', 'permanent');
  await harness.withWorkers(world, async () => {
    for (const [state, program] of Object.entries(programs)) {
      const workflow = state === 'completed-with-leftovers' ? 'runLeaving' : programSaga.workflow;
      await client.start({ ...programSaga, workflow, idOf: () => state }, program);
    }
    await harness.until(harness.handle('cancelled'), ({ steps }) => steps[0]?.state === 'succeeded');
    await client.cancel('cancelled');
    await harness.handle('terminated').terminate();
    const failed = await harness.start(run('a'), 'failed', { workflowRunTimeout: '1 hour' });
    await failed.result().catch(() => undefined);
    await client.start(
      { ...programSaga, idOf: () => 'partly-cancelled' },
      seq(irreversible('i'), wait('never')),
    );
    await harness.until(harness.handle('partly-cancelled'), ({ steps }) => steps[0]?.state === 'succeeded');
    await client.cancel('partly-cancelled');

    const expected: Record<string, SagaState> = {
      ...Object.fromEntries(Object.keys(programs).map((state) => [state, state as SagaState])),
      'partly-cancelled': 'partly-compensated',
    };
    let shown: Record<string, SagaState> = {};
    await until('visibility shows them all', async () => {
      shown = await listed();
      return JSON.stringify(sorted(shown)) === JSON.stringify(sorted(expected));
    }).catch(() => undefined);
    // The one that failed was started without the client, and says nothing of itself.
    expect(shown).toEqual(expected);
    for (const state of sagaStates) {
      const those = Object.entries(expected).filter(([, each]) => each === state);
      expect([state, await listed(state)]).toEqual([state, Object.fromEntries(those)]);
    }
    const counts = await client.count();
    for (const state of sagaStates) {
      const those = Object.values(expected).filter((each) => each === state);
      expect([state, counts[state]]).toEqual([state, those.length]);
    }
    const all = [];
    for await (const saga of client.list({ workflow: programSaga.workflow })) all.push(saga);
    expect(all.find(({ sagaId }) => sagaId === 'failed')).toMatchObject({ state: 'failed' });
    const text = listText(all);
    expect(text).toMatch(/│ completed +│ runProgram +│ completed +│/);
    expect(text).not.toContain('FORWARD');
    for (const sagaId of ['forward', 'unwinding', 'stuck']) await harness.handle(sagaId).terminate();
  });
});

function sorted(of: Record<string, string>): [string, string][] {
  return Object.entries(of).sort(([a], [b]) => a.localeCompare(b));
}
