import { setHandler } from '@temporalio/workflow';
import { runSaga } from '../../src/saga';
import type { Done, Order } from '../business/order';
import { type LargeOrder, largeSaga, review, reviewedSaga } from './scale-definitions';
import { bookShipment, openOrder, reserveStock, takePayment } from './steps';

export async function reviewed(order: Order): Promise<Done> {
  return await runSaga(reviewedSaga, async (saga) => {
    let isReviewed = false;
    setHandler(review, () => void (isReviewed = true));
    await saga.run(openOrder, order);
    await saga.waitFor('a review', () => isReviewed);
    await saga.run(reserveStock, order);
    await saga.run(takePayment, order);
    return await saga.run(bookShipment, order);
  });
}

/** Reserves each item, as many at once as the engine lets run, and ships all of them, or takes all of them back. */
export async function large({ order, items }: LargeOrder): Promise<number> {
  return await runSaga(largeSaga, async (saga) => {
    const item = (number: number) => ({ ...order, orderId: `${order.orderId}-${number}` });
    await Promise.all(Array.from({ length: items }, (_, number) => saga.run(reserveStock, item(number))));
    await saga.run(bookShipment, order);
    return items;
  });
}
