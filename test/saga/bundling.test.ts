import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { sagaBundling } from '../../src/worker';
import { required } from '../support/required';
import { localServer } from '../support/temporal';
import { Harness, taskFailure } from './harness';
import { awaitRelease, release, type shown } from './shown-workflow';
import { World } from './world';

const workflowsPath = require.resolve('./shown-workflow');
const logger = new DefaultLogger('WARN');

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer(), workflowsPath);
});
afterAll(async () => await harness.stop());

const start = () => harness.startNamed<typeof shown>('shown');

async function detailsOf(handle: WorkflowHandle): Promise<string> {
  const { currentDetails } = await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata');
  return currentDetails ?? '';
}

const isPastPivot = (handle: WorkflowHandle) =>
  harness.until(handle, ({ steps }) => steps[1]?.state === 'succeeded');

describe('the engine is loaded once for all workflows of a thread', () => {
  test('a bundle that preloads it without its interceptors fails the workflow task, and undoes nothing', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath,
      logger,
      preloadModules: [require.resolve('../../src/saga')],
    });
    const codePath = join(required('UNWIND_TEST_DIRECTORY'), 'without-interceptors.js');
    writeFileSync(codePath, code);
    const world = new World();
    await harness.withWorkers(
      world,
      async () => {
        const handle = await start();
        expect(await taskFailure(handle)).toMatch(/PRELOADED_WITHOUT_INTERCEPTORS/);
        await handle.terminate('the test has seen it');
      },
      { workflowBundle: { codePath } },
    );
    expect(world.attempts).toEqual([]);
  });

  test.each([
    ['with the plugin', { plugins: [sagaBundling] }],
    ['each workflow with its own copy', {}],
  ])('a worker that bundles by itself runs sagas: %s', async (_, options) => {
    const world = new World();
    const worker = await Worker.create({
      connection: harness.env.nativeConnection,
      taskQueue: 'sagas',
      workflowsPath,
      ...options,
    });
    const participant = await Worker.create({
      connection: harness.env.nativeConnection,
      taskQueue: 'world',
      activities: { ...world.activities },
    });
    await worker.runUntil(
      participant.runUntil(async () => {
        const handles = await Promise.all([start(), start()]);
        for (const handle of handles) await handle.signal(release);
        expect(await Promise.all(handles.map((handle) => handle.result()))).toEqual(['done', 'done']);
      }),
    );
    expect(world.effects).toEqual(['do first', 'do pivot']);
  });
});

describe('S4 the shield', () => {
  test('a handler of the body that waits is not cancelled with the workflow, whose cancel is declined', async () => {
    await harness.withWorkers(new World(), async () => {
      const handle = await start();
      await isPastPivot(handle);
      const released = await handle.startUpdate(awaitRelease, { waitForStage: 'ACCEPTED' });
      await handle.cancel();
      await harness.until(handle, ({ cancel }) => cancel?.effect === 'declined');
      await handle.signal(release);
      expect(await released.result()).toBe('released');
      expect(await handle.result()).toBe('done');
    });
  });
});

describe('S11 what people see', () => {
  test('details that the body sets are shown below the saga, also when they are asked again', async () => {
    await harness.withWorkers(new World(), async () => {
      const handle = await start();
      await isPastPivot(handle);
      await harness.until(handle, ({ status }) => status === 'committed');
      const details = await detailsOf(handle);
      expect(details).toMatch(
        /^\*\*committed\*\*[^]*first[^]*pivot[^]*\n\nThe body waits for its release\.$/,
      );
      expect(await detailsOf(handle)).toBe(details);
      await handle.signal(release);
      await handle.result();
    });
  });

  test('the stack trace shows which step the body waits for', async () => {
    const world = new World().script('do first', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await start();
      await world.arrived('do first');
      expect(await handle.query<string>('__stack_trace')).toMatch(/firstStep/);
      world.release('do first');
      await handle.signal(release);
      await handle.result();
    });
  });

  test('the stack trace shows where the body waits, and nothing of the engine', async () => {
    await harness.withWorkers(new World(), async () => {
      const handle = await start();
      await isPastPivot(handle);
      const trace = await handle.query<string>('__stack_trace');
      expect(trace).toMatch(/untilReleased/);
      expect(trace).not.toMatch(/orchestrator|whenEngineMay/);
      await handle.signal(release);
      await handle.result();
    });
  });
});
