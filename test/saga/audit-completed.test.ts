import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Finding, SagaClient } from '../../src/client';
import { RecordsReader } from '../../src/participant';
import { type Placement, placements, skipStep } from '../../src/saga';
import { type EffectsDatabase, openEffectsDatabase } from '../participant/effects';
import { localServer } from '../support/temporal';
import { ResettableRun } from '../../src/testing/reset';
import { until } from '../support/until';
import { behindBarrier } from './barrier-world';
import { Harness, states } from './harness';
import { ask, attempt, fail, nested, type Program, run, savePoint, seq, wait } from './program';
import { answerBySignal, programSaga } from './program-workflow';
import { World } from './world';

let harness: Harness;
let opened: EffectsDatabase;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  opened = await openEffectsDatabase('audit_completed');
  // Two participants that know the same: what both find is found once.
  const records = ['here', 'there'].map((name) => new RecordsReader(name, opened.database));
  client = new SagaClient(harness.env.client, { records });
});
afterAll(async () => {
  await opened.drop();
  await harness.stop();
});

let started = 0;

/** Starts a program under an id of its own, by the client and so placed as it says. */
async function start(program: Program, placement: Placement = 'participants') {
  const sagaId = `completed-${++started}`;
  const placing = new SagaClient(harness.env.client, { placements: { [programSaga.workflow]: placement } });
  await placing.start({ ...programSaga, idOf: () => sagaId }, program);
  return harness.handle(sagaId);
}

async function audit(): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of client.audit({ pageSize: 1 })) found.push(finding);
  return found;
}

const withWorkers = <T>(world: World, body: () => Promise<T>) =>
  harness.withWorkers(behindBarrier(world, opened.database), body);

const forget = async (sagaId: string) =>
  await opened.database.query('DELETE FROM saga_barrier WHERE saga_id = $1', [sagaId]);

/** Undoes a step's effect as someone does who knows the participant and not the saga. */
const undoElsewhere = async (sagaId: string, ...steps: string[]) =>
  await opened.database.query(
    `INSERT INTO saga_barrier (namespace, saga_id, step, op, state, input)
     SELECT namespace, saga_id, step, 'undo', 'done', input FROM saga_barrier WHERE saga_id = $1 AND step = ANY ($2)`,
    [sagaId, steps],
  );

/** Resets a workflow to before it was asked to cancel. */
async function resetBeforeCancel(sagaId: string): Promise<void> {
  const { events } = await harness.handle(sagaId).fetchHistory();
  const cancel = events?.find((event) => event.workflowExecutionCancelRequestedEventAttributes);
  const { tasks } = await ResettableRun.of(harness.env.client, sagaId);
  await reset(
    sagaId,
    tasks.findLast((task) => task < Number(cancel?.eventId)),
  );
}

/** @param task the last event that is kept, a workflow task's. */
async function reset(sagaId: string, task: number | undefined): Promise<void> {
  const run = await ResettableRun.of(harness.env.client, sagaId);
  await run.resetToEvent(task, 'all but cancels');
}

/** The last workflow task of the latest run. */
async function lastTask(sagaId: string): Promise<number | undefined> {
  return (await ResettableRun.of(harness.env.client, sagaId)).tasks.at(-1);
}

describe('S17 a saga that completed though steps of it are undone is found', () => {
  test('not one that was reset to before its cancel, or its rescue: that unwinds by itself', async () => {
    await withWorkers(new World(), async () => {
      const cancelled = await start(seq(run('a'), run('b'), wait('go')));
      const rescued = await start(seq(run('a'), run('b'), wait('go')));
      for (const handle of [cancelled, rescued])
        await harness.until(handle, (report) => states(report)['b'] === 'succeeded');
      await cancelled.cancel();
      await client.waitForClose(cancelled.workflowId);
      await rescued.terminate();
      await client.waitForClose((await client.rescue(rescued.workflowId)).rescueId);
      expect(await audit()).toEqual([]);

      await resetBeforeCancel(cancelled.workflowId);
      await reset(rescued.workflowId, await lastTask(rescued.workflowId));
      // They do not wait for `go`: that nothing may follow from their steps is known at once.
      for (const { workflowId } of [cancelled, rescued]) {
        expect(await client.waitForClose(workflowId)).toMatchObject({
          kind: 'compensated',
          reason: { code: 'RESET_AFTER_UNDO' },
        });
      }
      expect(await audit()).toEqual([]);
    });
  });

  test('what a reset run did after the rescue of the run before it is not taken for undone', async () => {
    await withWorkers(new World(), async () => {
      const ways = { one: run('a'), two: run('b') };
      const { workflowId } = await start(seq(ask('x', ways, fail('NO')), wait('never')));
      // In a workflow task after the first one.
      await harness.report(harness.handle(workflowId));
      await harness.handle(workflowId).signal(answerBySignal, 'x', 'one');
      await harness.until(harness.handle(workflowId), (report) => states(report)['a'] === 'succeeded');
      const [first] = (await ResettableRun.of(harness.env.client, workflowId)).tasks;
      await harness.handle(workflowId).terminate();
      await client.waitForClose((await client.rescue(workflowId)).rescueId);

      await (await ResettableRun.of(harness.env.client, workflowId)).resetToEvent(first, 'nothing');
      await harness.handle(workflowId).signal(answerBySignal, 'x', 'two');
      await harness.until(harness.handle(workflowId), (report) => states(report)['b'] === 'succeeded');
      await harness.handle(workflowId).terminate();
      expect(await audit()).toMatchObject([{ sagaId: workflowId, code: 'TERMINATED', advice: 'rescue' }]);
      await client.waitForClose((await client.rescue(workflowId)).rescueId);
      expect(await audit()).toEqual([]);
    });
  });

  test('one whose nested saga was reset afterwards, and has unwound; not one whose nested saga it saw fail', async () => {
    await withWorkers(new World().script('do y', 'refuse').script('do n', 'refuse'), async () => {
      const other = await start(seq(attempt(nested('inner', seq(run('m'), run('n')))), run('b')));
      await client.waitForClose(other.workflowId);
      // The reset run tries the failed branch again, whose step is blocked.
      const branch = savePoint(seq(run('x'), run('y')), run('z'));
      const { workflowId } = await start(seq(nested('inner', branch), run('b')));
      await client.waitForClose(workflowId);
      expect(await audit()).toEqual([]);

      const inner = `${workflowId}.inner`;
      await (await ResettableRun.of(harness.env.client, inner)).resetToTask(0);
      expect(await client.waitForClose(inner)).toMatchObject({
        kind: 'compensated',
        reason: { code: 'ACTION_BLOCKED' },
      });
      expect(await audit()).toMatchObject([
        {
          sagaId: workflowId,
          code: 'UNDONE_EFFECTS',
          advice: 'reverse',
          message: expect.stringContaining('/inner is undone, but not by its latest run'),
        },
      ]);
      await client.waitForClose((await client.reverse(workflowId)).rescueId);
      expect(await audit()).toEqual([]);
      for (const sagaId of [inner, workflowId, `${other.workflowId}.inner`, other.workflowId])
        await forget(sagaId);
    });
  });

  test.each(placements)('%s: undone from elsewhere, all of it or a part', async (placement) => {
    const world = new World();
    await withWorkers(world, async () => {
      const handles = [
        await start(seq(run('a'), run('b')), placement),
        await start(seq(run('a'), run('b')), placement),
      ];
      for (const { workflowId } of handles) await client.waitForClose(workflowId);
      const [all = '', part = ''] = handles.map(({ workflowId }) => workflowId);
      await undoElsewhere(all, 'a', 'b');
      await undoElsewhere(part, 'a');
      const found = await audit();
      expect(found.map(({ sagaId }) => sagaId).sort()).toEqual([all, part].sort());
      expect(found.find(({ sagaId }) => sagaId === part)).toMatchObject({
        code: 'UNDONE_EFFECTS',
        effects: [{ step: 'b' }, { step: 'b' }],
        message: expect.not.stringContaining('/b'),
      });
      for (const { workflowId } of handles) await forget(workflowId);
    });
  });

  test.each(placements)(
    '%s: what the saga undid itself, or its reverse, is as it should be',
    async (placement) => {
      const world = new World().script('do c', 'refuse').script('do u', 'permanent');
      await withWorkers(world, async () => {
        const handles = [
          await start(seq(savePoint(seq(run('a'), run('c')), run('b')), run('d')), placement),
          await start(seq(run('x'), attempt(savePoint(seq(run('y'), fail('NO'))))), placement),
        ];
        for (const { workflowId } of handles)
          expect(await client.waitForClose(workflowId)).toMatchObject({ kind: 'completed' });
        const rows = await opened.database.query(
          `SELECT FROM saga_barrier WHERE op = 'undo' AND saga_id = ANY ($1)`,
          [handles.map(({ workflowId }) => workflowId)],
        );
        expect(rows).toHaveLength(2);
        expect(await audit()).toEqual([]);
        await client.waitForClose((await client.reverse(handles[0]?.workflowId ?? '')).rescueId);
        expect(await audit()).toEqual([]);
        for (const { workflowId } of handles) await forget(workflowId);
      });
    },
  );
});

describe('S9 what a failed save-point left in a saga that completed', () => {
  const program = seq(savePoint(seq(run('a'), run('b'), fail('NO')), run('c')));

  async function skipped(handle: Awaited<ReturnType<typeof start>>): Promise<void> {
    await harness.until(handle, (report) => report.status === 'stuck');
    const decision = { step: 'b', actor: 'grace', reason: 'it may stay' };
    await client.update(handle.workflowId, skipStep, decision);
    expect(await client.waitForClose(handle.workflowId)).toEqual({
      kind: 'completed',
      result: expect.arrayContaining(['c']),
      effectsRemain: true,
    });
  }

  test('an operator chose it: the outcome says so, and the audit takes it for settled', async () => {
    await withWorkers(new World().script('undo b', 'permanent'), async () => {
      const handle = await start(program);
      await skipped(handle);
      expect(await audit()).toEqual([]);
      await forget(handle.workflowId);
    });
  });

  test('nobody answers for it, or the records contradict the report: it is left to a person', async () => {
    let sagaId = '';
    await withWorkers(new World().script('undo b', 'permanent'), async () => {
      const handle = await start(program);
      sagaId = handle.workflowId;
      await skipped(handle);
    });
    const remains = { sagaId, code: 'EFFECTS_REMAIN', advice: 'by-hand' };
    const both = (step: string) => ['here', 'there'].map((participant) => ({ participant, step }));
    expect(await audit()).toMatchObject([
      { ...remains, effects: both('b'), message: expect.stringContaining('no worker answers') },
    ]);
    await withWorkers(new World(), async () => {
      await opened.database.query(
        `DELETE FROM saga_barrier WHERE saga_id = $1 AND op = 'undo' AND step = 'a'`,
        [sagaId],
      );
      expect(await audit()).toMatchObject([{ ...remains, effects: both('a') }]);
      const byHistories = new SagaClient(harness.env.client);
      const found: Finding[] = [];
      for await (const finding of byHistories.audit()) found.push(finding);
      expect(found).toEqual([]);
      await forget(sagaId);
    });
  });
});

test('S12 a saga whose workflow task fails is found from the records before visibility tells', async () => {
  await withWorkers(new World(), async () => {
    const handle = await start(seq(run('a'), fail('TypeError')));
    let found: Finding[] = [];
    await until('its task has failed twice', async () => {
      const { raw } = await handle.describe();
      return (raw.pendingWorkflowTask?.attempt ?? 0) > 2;
    });
    await until('its task has failed three times', async () => (found = await audit()).length > 0);
    expect(found).toMatchObject([
      {
        sagaId: handle.workflowId,
        code: 'TASK_FAILING',
        advice: 'by-hand',
        effects: [{ step: 'a' }, { step: 'a' }],
        message: expect.stringContaining('(a bug in the body)'),
      },
    ]);
    expect((await handle.describe()).searchAttributes).not.toHaveProperty('TemporalReportedProblems');
    await handle.terminate();
  });
});
