import { randomUUID } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleSagas } from '../../src/worker';
import { placements } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { required } from '../support/required';
import { localServer } from '../support/temporal';
import { Harness } from './harness';
import type { commandsFor, intercepted } from './scheduling-workflow';
import { World } from './world';

const workflowsPath = require.resolve('./scheduling-workflow');

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer(), workflowsPath);
});
afterAll(async () => await harness.stop());

describe('the engine schedules activities as the SDK does', () => {
  const common = {
    startToCloseTimeout: '10s',
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    retry: { maximumAttempts: 6, initialInterval: '500ms', maximumInterval: '30s', backoffCoefficient: 2 },
    summary: 'a step',
  } as const;

  test.each([
    [
      'an activity',
      false,
      { ...common, taskQueue: 'world', scheduleToStartTimeout: 5_000, heartbeatTimeout: '3s' },
    ],
    ['an activity without what may be left out', false, { startToCloseTimeout: '1s' }],
    ['a local activity', true, common],
    ['a local activity without what may be left out', true, { startToCloseTimeout: '1s' }],
  ] as const)('with the same command: %s', async (_, isLocal, options) => {
    await harness.withWorkers(new World(), async () => {
      const args = [{ step: 'a' }, { key: 'k' }];
      const handle = await harness.env.client.workflow.start<typeof commandsFor>('commandsFor', {
        workflowId: randomUUID(),
        taskQueue: 'sagas',
        args: [{ name: 'act', args, options, isLocal, hasTurn: !isLocal }],
      });
      const [byEngine, bySdk] = await handle.result();
      expect(byEngine).toContain(isLocal ? 'scheduleLocalActivity' : 'scheduleActivity');
      expect(byEngine).toBe(bySdk);
    });
  });

  test.each(placements)(
    'through the interceptors of whoever bundles the workflows: %s',
    async (placement) => {
      const { code } = await bundleSagas({ workflowsPath, workflowInterceptorModules: [workflowsPath] });
      const codePath = join(required('UNWIND_TEST_DIRECTORY'), 'intercepted.js');
      writeFileSync(codePath, code);
      await harness.withWorkers(
        new World(),
        async () => {
          const handle = await harness.env.client.workflow.start<typeof intercepted>('intercepted', {
            workflowId: randomUUID(),
            taskQueue: 'sagas',
            memo: placementMemo(placement),
          });
          expect(await handle.result()).toEqual([placement === 'express' ? 'local act' : 'act']);
        },
        { workflowBundle: { codePath } },
      );
    },
  );
});
