import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defaultPayloadConverter } from '@temporalio/common';
import { SagaTestKit } from '../../src/testing';
import type { StepCall } from '../../src/saga';
import { slowSaga } from './excursion';
import { exploredWorkflow } from './sagas';

let kit: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: exploredWorkflow, sagas: [] });
});
afterAll(async () => await kit.stop());

test('S17 an express step that may take longer than ten seconds is in the history before it runs', async () => {
  const scheduled: string[] = [];
  await kit.run(slowSaga, {
    placement: 'express',
    whenOver: async ({ client, sagaId }) => {
      const { events } = await client.temporal.workflow.getHandle(sagaId).fetchHistory();
      for (const { activityTaskScheduledEventAttributes: activity } of events ?? []) {
        const [, call] = activity?.input?.payloads ?? [];
        if (call) scheduled.push(defaultPayloadConverter.fromPayload<StepCall>(call).step);
      }
    },
  });
  // The second follows a message.
  expect(scheduled).toEqual(['tour', 'swim']);
});
