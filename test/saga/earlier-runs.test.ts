import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { type Placement, placements, resolveStep, retryStep, skipStep } from '../../src/saga';
import { EARLIER_RUNS } from '../../src/saga/reset';
import { placementMemo } from '../../src/saga/memo';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { ended, Harness, states } from './harness';
import {
  ask,
  fail,
  finalPivot,
  nested,
  pivot,
  type Program,
  retriable,
  run as step,
  seq,
  wait,
} from './program';
import { answerBySignal, programSaga } from './program-workflow';
import { ResettableRun } from '../../src/testing/reset';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

const ada = { actor: 'ada', reason: 'looked at it' };

/** Answers the question of a nested saga, as soon as it is there. */
async function answerNested(sagaId: string, answer: string): Promise<void> {
  const nestedSaga = harness.handle(`${sagaId}.n`);
  await until('the nested saga runs', async () => {
    const { status } = await nestedSaga.describe().catch(() => ({ status: undefined }));
    return status?.name === 'RUNNING';
  });
  await nestedSaga.signal(answerBySignal, 'which', answer);
}

/** Runs a saga to its end, and resets it to the end of its n-th workflow task: what came since does not come again. */
async function completed(
  program: Program,
  placement: Placement = 'participants',
  { answersNested = false } = {},
) {
  const handle = await harness.start(program, undefined, { memo: placementMemo(placement) });
  await harness.until(handle, ({ steps }) => steps.some(({ state }) => state === 'succeeded'));
  await handle.signal(answerBySignal, 'which', 'first');
  await handle.signal('signal', 'go');
  if (answersNested) await answerNested(handle.workflowId, 'first');
  const { report } = await ended(handle);
  expect(report.status).toBe('completed');
  const run = await ResettableRun.of(harness.env.client, handle.workflowId);
  const latest = harness.handle(handle.workflowId);
  return {
    latest,
    report: () => harness.report(latest),
    resetToStart: async () => await run.resetToEvent(run.tasks[0], 'nothing'),
  };
}

describe.each(placements)('S17 what a run before a reset did, placement %s', (placement) => {
  test('besides this one, which goes another way: it is undone, and this run completes', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const ways = { first: seq(step('b'), step('c')), second: step('d') };
      const saga = await completed(seq(step('a'), ask('which', ways, wait('never'))), placement);
      await saga.resetToStart();
      await saga.latest.signal(answerBySignal, 'which', 'second');
      const { report } = await ended(saga.latest);
      expect(report.status).toBe('completed');
      expect(states(report)).toMatchObject({
        a: 'succeeded',
        b: 'compensated',
        c: 'compensated',
        d: 'succeeded',
      });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do c', 'do d', 'undo c', 'undo b']);
  });

  test('is undone when this run unwinds, the latest first', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const saga = await completed(seq(step('a'), wait('go'), step('b'), step('c')), placement);
      await saga.resetToStart();
      await saga.latest.cancel();
      expect((await ended(saga.latest)).report.status).toBe('cancelled');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do c', 'undo c', 'undo b', 'undo a']);
  });

  test('beyond its pivot: a cancel of this run is too late, and it completes', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const saga = await completed(
        seq(step('a'), wait('go'), step('b'), pivot('p'), retriable('r')),
        placement,
      );
      await saga.resetToStart();
      await saga.latest.cancel();
      await harness.until(saga.latest, ({ cancel }) => cancel?.effect === 'declined');
      await saga.latest.signal('signal', 'go');
      expect((await ended(saga.latest)).report.status).toBe('completed');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do p', 'do r']);
  });

  test('beyond its pivot: this run that fails is stuck, and a retry compensates the pivot', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const ways = { first: seq(step('b'), pivot('p'), retriable('r')), second: fail('NO') };
      const saga = await completed(seq(step('a'), ask('which', ways, wait('never'))), placement);
      await saga.resetToStart();
      await saga.latest.signal(answerBySignal, 'which', 'second');
      await harness.until(saga.latest, ({ status }) => status === 'stuck');
      const stuck = (await saga.report()).steps.find((one) => one.stuck);
      expect(stuck).toMatchObject({ name: 'p', leftover: true, stuck: { code: 'RESET_PAST_PIVOT' } });
      expect(world.effects).toEqual(['do a', 'do b', 'do p', 'do r']);
      await saga.latest.executeUpdate(retryStep, { args: [{ step: 'p', ...ada }] });
      const { report } = await ended(saga.latest);
      // Of what came after the pivot nothing can be undone.
      expect(report.status).toBe('partly-compensated');
    });
    expect(world.effects.slice(4)).toEqual(['undo p', 'undo b', 'undo a']);
  });
});

describe('S17 an earlier run', () => {
  test('whose pivot declares no compensation: a retry is refused its wish, and a skip leaves the pivot', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const ways = { first: finalPivot('p'), second: fail('NO') };
      const saga = await completed(seq(step('a'), ask('which', ways, wait('never'))));
      await saga.resetToStart();
      await saga.latest.signal(answerBySignal, 'which', 'second');
      const rounds = async () => (await saga.report()).steps.find(({ name }) => name === 'p')?.stuck?.rounds;
      await harness.until(saga.latest, ({ status }) => status === 'stuck');
      await saga.latest.executeUpdate(retryStep, { args: [{ step: 'p', ...ada }] });
      await harness.until(saga.latest, ({ steps }) => steps.some(({ stuck }) => stuck?.rounds === 2));
      expect(await rounds()).toBe(2);
      await saga.latest.executeUpdate(skipStep, { args: [{ step: 'p', ...ada }] });
      expect((await ended(saga.latest)).report.status).toBe('partly-compensated');
    });
    expect(world.effects).toEqual(['do a', 'do p', 'undo a']);
  });

  test('that was itself a reset one, of the same run as this: it is found too', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const ways = { first: step('b'), second: step('c') };
      const saga = await completed(seq(step('a'), ask('which', ways, wait('never'))));
      await saga.resetToStart();
      await saga.latest.signal(answerBySignal, 'which', 'second');
      await ended(saga.latest);
      await saga.resetToStart();
      await saga.latest.cancel();
      expect((await ended(saga.latest)).report.status).toBe('cancelled');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do c', 'undo b', 'undo c', 'undo a']);
  });

  test('that had a nested saga which this one never starts: it is reversed', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const saga = await completed(seq(step('a'), wait('go'), nested('n', seq(step('b'), step('c')))));
      await saga.resetToStart();
      await saga.latest.cancel();
      expect((await ended(saga.latest)).report.status).toBe('cancelled');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do c', 'undo c', 'undo b', 'undo a']);
  });

  test('whose nested saga went another way: that saga undoes what its earlier run did', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const ways = { first: step('b'), second: step('c') };
      const saga = await completed(
        seq(step('a'), wait('go'), nested('n', ask('which', ways, step('c')))),
        undefined,
        {
          answersNested: true,
        },
      );
      await saga.resetToStart();
      await saga.latest.signal('signal', 'go');
      await answerNested(saga.latest.workflowId, 'second');
      expect((await ended(saga.latest)).report.status).toBe('completed');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'do c', 'undo b']);
  });

  test('of a saga whose workers lack the activity: it is visibly stuck, and goes on when the desk resolves that', async () => {
    const world = new World();
    const withoutIt = async (body: () => Promise<void>) => {
      const worker = await Worker.create({
        connection: harness.env.nativeConnection,
        taskQueue: programSaga.taskQueue,
        workflowBundle: harness.bundle,
        activities: { ...world.activities },
        shutdownGraceTime: 0,
      });
      await worker.runUntil(body());
    };
    await withoutIt(async () => {
      const saga = await completed(seq(step('a'), wait('go'), step('b')), 'saga-queue');
      await saga.resetToStart();
      await saga.latest.signal('signal', 'go');
      await harness.until(saga.latest, ({ status }) => status === 'stuck');
      expect((await saga.report()).steps.find(({ stuck }) => stuck)).toMatchObject({
        name: EARLIER_RUNS,
        stuck: { message: expect.stringContaining('unwindEarlierRuns') },
      });
      await saga.latest.executeUpdate(resolveStep, { args: [{ step: EARLIER_RUNS, ...ada, output: null }] });
      expect((await ended(saga.latest)).report.status).toBe('completed');
    });
    expect(world.effects).toEqual(['do a', 'do b']);
  });

  test('S13 is known to the rescue of a reset run that was terminated before it did anything', async () => {
    const world = new World();
    const sagaId = await harness.withWorkers(world, async () => {
      const saga = await completed(seq(step('a'), wait('go'), step('b')));
      await saga.resetToStart();
      await saga.latest.terminate('the test');
      return saga.latest.workflowId;
    });
    await harness.withWorkers(world, async () => {
      const { rescueId } = await harness.client.rescue(sagaId);
      await harness.client.waitForClose(rescueId);
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('that still reverses its nested saga: this one asks what remains when that is over, and unwinds', async () => {
    const world = new World().script('undo b', 'permanent');
    await harness.withWorkers(world, async () => {
      const { client } = harness.env;
      const handle = await harness.start(seq(nested('n', step('b')), wait('go')));
      await harness.until(handle, ({ steps }) => steps.some(({ state }) => state === 'succeeded'));
      const run = await ResettableRun.of(client, handle.workflowId);
      await handle.cancel();
      const reverse = harness.handle(`${handle.workflowId}.n-reverse`);
      await until('the reverse is stuck', async () => {
        const report = await harness.report(reverse).catch(() => undefined);
        return report?.status === 'stuck';
      });
      await run.resetToEvent(run.tasks.at(-1), 'nothing');
      const latest = harness.handle(handle.workflowId);
      await latest.signal('signal', 'go');
      await until('what it asks was answered, or refused', async () => {
        const { pendingActivities } = (await latest.describe()).raw;
        const { steps } = await harness.report(latest);
        const isKnown = steps.some(({ name, state }) => name === EARLIER_RUNS && state === 'succeeded');
        return isKnown || (pendingActivities ?? []).some(({ lastFailure }) => lastFailure);
      });
      await reverse.executeUpdate(retryStep, { args: [{ step: 'b', ...ada }] });
      const { report } = await ended(latest);
      expect(report).toMatchObject({ status: 'compensated', reason: { code: 'RESET_AFTER_UNDO' } });
    });
    expect(world.effects).toEqual(['do b', 'undo b']);
  });

  test('that was closed when its nested saga ended: this one does not wait for that, and is visibly stuck', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const { client } = harness.env;
      const handle = await harness.start(seq(step('a'), nested('n', seq(step('b'), wait('never')))));
      const inner = harness.handle(`${handle.workflowId}.n`);
      await until('the nested saga runs', async () => {
        const report = await harness.report(inner).catch(() => undefined);
        return report?.steps.some(({ state }) => state === 'succeeded') ?? false;
      });
      await harness.until(handle, ({ steps }) => steps.some(({ name }) => name === 'n'));
      const run = await ResettableRun.of(client, handle.workflowId);
      // Its policy asks the nested saga to cancel, which nobody hears of any more.
      await handle.terminate('the test');
      await ended(inner);
      await run.resetToTask(-1);
      const latest = harness.handle(handle.workflowId);
      await harness.until(latest, ({ steps }) =>
        steps.some(({ name, stuck }) => name === 'n' && stuck?.code === 'NESTED_STARTED_BEFORE'),
      );
      await latest.executeUpdate(resolveStep, { args: [{ step: 'n', ...ada }] });
      expect((await ended(latest)).report.status).toBe('compensated');
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });
});
