import { defineSaga } from '../../src/saga';
import type { Done, Order } from '../business/order';

export const benchSaga = defineSaga<Order, Done>({
  workflow: 'unwindSaga',
  taskQueue: 'set by the contender',
  idOf: (order) => order.orderId,
});

/** The order is open: what its customer waits for. */
export const ACCEPTED = 'accepted';
