import { defineSaga, nested, runSaga } from '../../src/saga';
import type { OrderRequest } from '../../services/order/contract';
import { fulfilment, type OrderReceipt } from '../../services/order/fulfilment';

export { fulfilOrder, rescueSaga } from '../../workflows';

const { taskQueue } = fulfilment;

/** A saga whose only step is an express order. */
const wrapped = defineSaga<OrderRequest, OrderReceipt>({
  workflow: 'wrapOrder',
  taskQueue,
  idOf: ({ orderId }) => `wrapped-${orderId}`,
});

/** A saga whose only step is the saga around an order. */
export const twiceWrapped = defineSaga<OrderRequest, OrderReceipt>({
  workflow: 'wrapTwice',
  taskQueue,
  idOf: ({ orderId }) => `twice-${orderId}`,
});

export async function wrapOrder(order: OrderRequest): Promise<OrderReceipt> {
  const step = nested({ ...fulfilment, placement: 'express' }, { name: 'order' });
  return await runSaga(wrapped, (saga) => saga.run(step, order));
}

export async function wrapTwice(order: OrderRequest): Promise<OrderReceipt> {
  return await runSaga(twiceWrapped, (saga) => saga.run(nested(wrapped, { name: 'inner' }), order));
}
