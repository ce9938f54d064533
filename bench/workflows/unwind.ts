import { runSaga } from '../../src/saga';
import type { Done, Order } from '../business/order';
import { bookShipment, openOrder, reserveStock, takePayment } from './steps';
import { ACCEPTED, benchSaga } from './unwind-definition';

export async function unwindSaga(order: Order): Promise<Done> {
  return await runSaga(benchSaga, async (saga) => {
    await saga.run(openOrder, order);
    saga.reach(ACCEPTED);
    await saga.run(reserveStock, order);
    await saga.run(takePayment, order);
    return await saga.run(bookShipment, order);
  });
}
