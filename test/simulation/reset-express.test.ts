import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findBrokenPromises, SagaTestKit, type SagaUnderTest } from '../../src/testing';
import { sagas } from '../matrix/sagas';

let kit: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: require.resolve('../matrix/matrix-workflow'), sagas });
});
afterAll(async () => await kit.stop());

const order = sagas.find(({ definition }) => definition.workflow === 'fulfilOrder') as SagaUnderTest;
/** The kit starts its sagas with a second for a workflow task, and an attempt of a step may take ten. */
const NOBODY_ACTS_AFTER_MS = 11_000;

test('S17 a saga that is reset during a step asks when no attempt can commit any more, and not before', async () => {
  const asked: { readonly attempt: unknown; readonly afterMs: number }[] = [];
  const run = await kit.run(order, {
    placement: 'express',
    faults: [{ kind: 'reset', at: 'do reserve-stock', to: { workflow: '', task: 0 } }],
    whenOver: async ({ client, sagaId }) => {
      const { events } = await client.temporal.workflow.getHandle(sagaId).fetchHistory();
      const at = (time: { seconds?: unknown; nanos?: number | null } | null | undefined) =>
        Number(time?.seconds) * 1_000 + (time?.nanos ?? 0) / 1e6;
      const scheduled = events?.find(({ activityTaskScheduledEventAttributes: its }) => its);
      for (const { activityTaskStartedEventAttributes: started, eventTime } of events ?? [])
        if (started)
          asked.push({ attempt: started.attempt, afterMs: at(eventTime) - at(scheduled?.eventTime) });
    },
  });
  expect(run.notFired).toEqual([]);
  expect(findBrokenPromises(run)).toEqual([]);
  expect(run.outcome.kind).toBe('completed');
  expect(asked.map(({ attempt }) => attempt)).toEqual([2]);
  expect(asked[0]?.afterMs).toBeGreaterThan(NOBODY_ACTS_AFTER_MS - 1_000);
  expect(asked[0]?.afterMs).toBeLessThan(NOBODY_ACTS_AFTER_MS + 1_000);
});
