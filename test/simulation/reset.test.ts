import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { tsToMs } from '@temporalio/common/lib/time';
import { findBrokenPromises, SagaTestKit, type SagaUnderTest } from '../../src/testing';
import { sagas } from '../matrix/sagas';

let kit: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: require.resolve('../matrix/matrix-workflow'), sagas });
});
afterAll(async () => await kit.stop());

const order = sagas.find(({ definition }) => definition.workflow === 'fulfilOrder') as SagaUnderTest;
const trip = sagas.find(({ definition }) => definition.workflow === 'bookTrip') as SagaUnderTest;

test('S17 a nested saga that has completed, and is reset when its deadline has passed, completes again', async () => {
  const at = 'do issue-ticket';
  // The ticket takes twice as long as the trip may take.
  const run = await kit.run(trip, {
    faults: [
      { kind: 'deadline', at },
      { kind: 'reset-when-over', at, to: { workflow: '.book-stay', task: 1 } },
    ],
  });
  expect(run.notFired).toEqual([]);
  expect(run.outcome.kind).toBe('completed');
  expect(findBrokenPromises(run)).toEqual([]);
  expect(run.effects.filter(({ op }) => op === 'undo')).toEqual([]);
});

/** The kit starts its sagas with a second for a workflow task, and an attempt of a step may take ten. */
const NOBODY_ACTS_AFTER_MS = 11_000;

test('S17 a saga that is reset during a step asks when no attempt can commit any more, and not before', async () => {
  const asked: { readonly attempt: unknown; readonly afterMs: number }[] = [];
  const run = await kit.run(order, {
    placement: 'express',
    faults: [{ kind: 'reset', at: 'do reserve-stock', to: { workflow: '', task: 0 } }],
    whenOver: async ({ client, sagaId }) => {
      const { events } = await client.temporal.workflow.getHandle(sagaId).fetchHistory();
      const scheduled = events?.find(({ activityTaskScheduledEventAttributes: its }) => its);
      for (const { activityTaskStartedEventAttributes: started, eventTime } of events ?? [])
        if (started)
          asked.push({ attempt: started.attempt, afterMs: tsToMs(eventTime) - tsToMs(scheduled?.eventTime) });
    },
  });
  expect(run.notFired).toEqual([]);
  expect(findBrokenPromises(run)).toEqual([]);
  expect(run.outcome.kind).toBe('completed');
  expect(asked.map(({ attempt }) => attempt)).toEqual([2]);
  expect(asked[0]?.afterMs).toBeGreaterThan(NOBODY_ACTS_AFTER_MS - 1_000);
  expect(asked[0]?.afterMs).toBeLessThan(NOBODY_ACTS_AFTER_MS + 1_000);
});
