import { runSaga } from '../src/saga';
import type { OrderRequest } from '../services/order/contract';
import { ACCEPTED, fulfilment, type OrderReceipt } from '../services/order/fulfilment';
import {
  authorisePayment,
  bookShipment,
  capturePayment,
  confirmOrder,
  dispatchShipment,
  openOrder,
  reserveStock,
  shipStock,
} from './order-steps';
import { acceptReview, needsReview } from './review';

/**
 * Fulfils an order: open it, reserve its stock and authorise its payment, have it reviewed if it is large, book a
 * carrier; then capture the payment, the point of no return; then dispatch and confirm. What fails before the
 * capture is undone; what comes after it is retried until it succeeds.
 */
export async function fulfilOrder(order: OrderRequest): Promise<OrderReceipt> {
  return await runSaga(fulfilment, async (saga) => {
    const approved = acceptReview(saga);
    const { orderId, customerId, card, lines, shipTo } = order;
    const { total } = await saga.run(openOrder, order);

    const [reservation, authorisation] = await Promise.all([
      saga.run(reserveStock, { orderId, lines }),
      saga.run(authorisePayment, { orderId, customerId, card, total }),
    ]);
    saga.reach(ACCEPTED, { orderId, total });
    if (needsReview(total)) await approved();
    const shipment = await saga.run(bookShipment, { orderId, lines, shipTo });

    const committed = await saga.pivot(capturePayment, authorisation);

    await Promise.all([committed.run(dispatchShipment, shipment), committed.run(shipStock, reservation)]);
    const { confirmedAt } = await committed.run(confirmOrder, { orderId });

    const { captureId } = committed.output;
    const { shipmentId, carrier } = shipment;
    return { orderId, total, captureId, shipmentId, carrier, confirmedAt };
  });
}
