import { SagaClientError } from '../../src/client';
import { type AskedSaga, type SagaUnderTest } from '../../src/testing';
import { type Review, reviewOrder } from '../../services/order/fulfilment';
import { sagas } from '../matrix/sagas';
import { branchingSaga, excursionSaga, slowSaga } from './excursion';

const [order] = sagas as [SagaUnderTest, ...SagaUnderTest[]];

/** A saga that waits for its reviewers: the second one declines what the first one has approved, and has heard nothing of it. */
const reviewedOrder: SagaUnderTest = {
  ...order,
  answers: new Map([...order.answers, ['open-order', openLargeOrder]]),
  meanwhile: async (saga) => {
    await review(saga, { decision: 'approve', actor: 'the first reviewer' });
    await review(saga, { decision: 'decline', actor: 'the second reviewer' });
  },
};

function openLargeOrder(input: unknown): unknown {
  const opened = order.answers.get('open-order')?.(input) as object;
  return { ...opened, total: { amount: 700_00, currency: 'EUR' } };
}

/** Decides as soon as the saga waits for it; once, whatever comes of it. */
async function review({ sagaId, client, until }: AskedSaga, decision: Review): Promise<void> {
  await until(async () => {
    try {
      await client.update(sagaId, reviewOrder, decision);
    } catch (error) {
      return !(error instanceof SagaClientError && error.message.includes('waits for no review'));
    }
    return true;
  });
}

/** The module with the workflows of these sagas. */
export const exploredWorkflow = require.resolve('./explored-workflow');

/** The sagas whose schedules are explored: those of the matrix, and some whose clients have a part in them. By the names that commands take. */
export const exploredSagas: ReadonlyMap<string, SagaUnderTest> = new Map([
  ...sagas.map((saga) => [saga.definition.workflow, saga] as const),
  ['reviewedOrder', reviewedOrder],
  ['makeExcursion', excursionSaga],
  ['slowExcursion', slowSaga],
]);

/** Those of which a schedule was broken once: also one that is explored in express placement alone. */
export const sagasBrokenOnce: ReadonlyMap<string, SagaUnderTest> = new Map([
  ...exploredSagas,
  ['branchingExcursion', branchingSaga],
]);
