import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { resolveStep, retryStep } from '../../src/saga';
import { localServer } from '../support/temporal';
import { ended, Harness } from './harness';
import { pivot, retriable, run, seq, wait } from './program';
import { programSaga } from './program-workflow';
import { World } from './world';

const policy = { stuck: { scheduleToStartTimeout: 300, initialInterval: 100 } };
const signature = { actor: 'ada', reason: 'the test' };

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

/** Runs a test's body with the orchestrator's worker up, and that of the participant only while the test wants it. */
async function withoutParticipant<T>(body: () => Promise<T>): Promise<T> {
  const orchestrator = await Worker.create({
    connection: harness.env.nativeConnection,
    taskQueue: programSaga.taskQueue,
    workflowBundle: harness.bundle,
    shutdownGraceTime: 0,
  });
  return await orchestrator.runUntil(body());
}

async function withParticipant<T>(world: World, body: () => Promise<T>): Promise<T> {
  const participant = await Worker.create({
    connection: harness.env.nativeConnection,
    taskQueue: 'world',
    activities: { ...world.activities },
    shutdownGraceTime: 0,
  });
  return await participant.runUntil(body());
}

const stuckAt =
  (step: string) =>
  ({ steps }: { steps: readonly { name: string; stuck?: { code: string } }[] }) =>
    steps.some(({ name, stuck }) => name === step && stuck?.code === 'NO_WORKER');

describe('S19 no worker takes an operation', () => {
  test('of an action: the saga is stuck with the queue and the time, and goes on when a worker comes', async () => {
    const world = new World();
    await withoutParticipant(async () => {
      const handle = await harness.start(seq(run('a')), undefined, {}, policy);
      await harness.until(handle, stuckAt('a'));
      const { status, steps } = await harness.report(handle);
      expect(status).toBe('stuck');
      expect(steps[0]?.stuck?.message).toMatch(/no worker took it from the task queue world since \d{4}-/);
      await withParticipant(world, async () => {
        expect(await handle.result()).toEqual(['a']);
      });
    });
    expect(world.attempts).toEqual(['do a']);
  });

  test('of an action, and the saga is cancelled: it unwinds, stuck at the compensation until a worker comes', async () => {
    const world = new World();
    await withoutParticipant(async () => {
      const handle = await harness.start(seq(run('a')), undefined, {}, policy);
      await harness.until(handle, stuckAt('a'));
      await handle.cancel();
      await harness.until(handle, (report) => report.reason?.code === 'CANCELLED' && stuckAt('a')(report));
      await withParticipant(world, async () => {
        expect((await ended(handle)).report.status).toBe('cancelled');
      });
    });
    expect(world.attempts).toEqual(['undo a']);
  });

  test('of a compensation: the desk decides at once, and the call that waits is withdrawn', async () => {
    const world = new World();
    await withoutParticipant(async () => {
      const handle = await withParticipant(world, async () => {
        const started = await harness.start(seq(run('a'), wait('go')), undefined, {}, policy);
        await harness.until(started, ({ steps }) => steps[0]?.state === 'succeeded');
        return started;
      });
      await handle.cancel();
      await harness.until(handle, stuckAt('a'));
      await handle.executeUpdate(resolveStep, { args: [{ ...signature, step: 'a' }] });
      await withParticipant(world, async () => {
        expect((await ended(handle)).report.status).toBe('cancelled');
      });
    });
    expect(world.attempts).toEqual(['do a']);
  });

  test('after the pivot: stuck, and a retry changes nothing until a worker comes', async () => {
    const world = new World();
    await withoutParticipant(async () => {
      const handle = await harness.start(seq(pivot('p'), retriable('r')), undefined, {}, policy);
      await harness.until(handle, stuckAt('p'));
      await handle.executeUpdate(retryStep, { args: [{ ...signature, step: 'p' }] });
      await harness.until(handle, ({ steps }) => (steps[0]?.stuck?.rounds ?? 0) > 1);
      await withParticipant(world, async () => {
        expect(await handle.result()).toEqual(['p', 'r']);
      });
    });
    expect(world.attempts).toEqual(['do p', 'do r']);
  });
});
