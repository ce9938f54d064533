import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { findBrokenPromises, SagaTestKit } from '../../src/testing';
import { sagas } from '../matrix/sagas';

const [order] = sagas;
if (order?.definition.workflow !== 'fulfilOrder') throw new Error('the first saga is no order');

let kit: SagaTestKit;
beforeAll(async () => {
  const workflowsPath = require.resolve('../matrix/matrix-workflow');
  kit = await SagaTestKit.start({ workflowsPath, sagas: [order] });
});
afterAll(() => kit.stop());

describe('the faults of a run', () => {
  test('S17 a cancel that came just before a reset is asked for again: the server does not give it to the reset run', async () => {
    const run = await kit.run(order, {
      placement: 'express',
      faults: [
        { kind: 'refused', at: 'do capture-payment' },
        { kind: 'reset', at: 'undo reserve-stock', to: { workflow: '', task: -1 } },
        { kind: 'cancel', at: 'undo authorise-payment' },
      ],
    });
    expect(run).toMatchObject({ notFired: [], report: { cancel: { effect: 'declined' } } });
    expect(findBrokenPromises(run)).toEqual([]);
  });
});
