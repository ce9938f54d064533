import type { Priority } from '@temporalio/common';
import { condition, continueAsNew } from '@temporalio/workflow';
import { defineSaga, nested, refusal, runSaga } from '../../src/saga';
import { compensatableNamed } from './program-steps';

export { rescueSaga } from '../../src/saga';

/** One order of a tenant. */
export interface Order {
  readonly id: string;
  readonly priority?: Priority;
  /** Another order, which is a saga of its own, and a step of this one. */
  readonly part?: Order;
  /** The runs that follow the first one. */
  readonly moreRuns?: number;
  /** How the body ends. @default it returns */
  readonly end?: 'fails' | 'waits';
}

export const orderSaga = defineSaga<Order, string>({
  workflow: 'takeOrder',
  taskQueue: 'sagas',
  idOf: ({ id }) => id,
  priority: ({ priority = {} }) => priority,
});

/** Calls one step in each run, after the saga that is its part. */
export async function takeOrder(order: Order): Promise<string> {
  return await runSaga(orderSaga, async (saga) => {
    const { id, part, moreRuns = 0, end } = order;
    if (part) await saga.run(nested(orderSaga, { name: 'part' }), part);
    await saga.run(compensatableNamed('a'), { step: 'a' });
    if (moreRuns > 0) {
      const { part: _, ...rest } = order;
      await continueAsNew<typeof takeOrder>({ ...rest, moreRuns: moreRuns - 1 });
    }
    if (end === 'fails') throw refusal('NO', 'the order is refused');
    if (end === 'waits') await condition(() => false);
    return id;
  });
}
