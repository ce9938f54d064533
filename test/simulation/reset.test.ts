import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { findBrokenPromises, SagaTestKit, type SagaUnderTest } from '../../src/testing';
import { sagas } from '../matrix/sagas';

let kit: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: require.resolve('../matrix/matrix-workflow'), sagas });
});
afterAll(async () => await kit.stop());

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
