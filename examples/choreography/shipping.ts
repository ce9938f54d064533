import { bookShipment, cancelShipment, dispatchShipment } from '../../services/shipping/service';
import type { Reactions, ShopEvent } from './events';
import { publish } from './outbox';
import type { Participant } from './participant';
import { receive } from './received-events';

export function shippingReactions(shipping: Participant): Reactions {
  /** Books as soon as all events are there that a shipment needs, in any order. */
  const bookWhenReady = async (event: ShopEvent) => {
    const received = await receive(shipping.database, event);
    const { OrderOpened, StockReserved, PaymentAuthorised, ReviewApproved } = received;
    if (!OrderOpened || !StockReserved || !PaymentAuthorised) return;
    const { orderId, lines, shipTo } = OrderOpened.order;
    if (OrderOpened.needsReview && !ReviewApproved) {
      await shipping.act({ orderId, name: 'await-review' }, { orderId }, (tx) =>
        publish(tx, { type: 'ReviewAwaited', orderId, data: {} }),
      );
      return;
    }
    const refused = (reason: string) => ({ type: 'ShipmentRefused', orderId, data: { reason } }) as const;
    const step = { orderId, name: 'book-shipment', refused };
    await shipping.act(step, { orderId, lines, shipTo }, async (tx, input, call) => {
      const shipment = await bookShipment(tx, input, call);
      const data = { shipment, ...StockReserved, ...PaymentAuthorised };
      await publish(tx, { type: 'ShipmentBooked', orderId, data });
      return shipment;
    });
  };

  return {
    OrderOpened: bookWhenReady,
    StockReserved: bookWhenReady,
    PaymentAuthorised: bookWhenReady,
    ReviewApproved: bookWhenReady,

    async PaymentCaptured({ orderId, data: { shipment } }) {
      await shipping.act({ orderId, name: 'dispatch-shipment' }, shipment, async (tx, input) => {
        const dispatched = await dispatchShipment(tx, input);
        await publish(tx, { type: 'ShipmentDispatched', orderId, data: {} });
        return dispatched;
      });
    },

    async OrderClosed({ orderId, data: { order, reason } }) {
      const { lines, shipTo } = order;
      const step = { orderId, name: 'book-shipment' };
      await shipping.undo(step, reason, { orderId, lines, shipTo }, cancelShipment);
      await shipping.publish({ type: 'ShipmentCancelled', orderId, data: {} });
    },
  };
}
