import type { OpenedOrder, OrderRequest } from '../../services/order/contract';
import { closeOrder, confirmOrder } from '../../services/order/service';
import { announceEnd } from './ended-orders';
import type { Events, Reactions, ShopEvent } from './events';
import { publish } from './outbox';
import type { Participant } from './participant';
import { receive, receivedOf } from './received-events';
import { scheduleOverdue } from './review';

export function orderReactions(order: Participant): Reactions {
  const close = async (event: ShopEvent & { readonly data: { readonly reason: string } }) => {
    const { orderId, data } = event;
    const { reason } = data;
    const { order: request, total } = opened(await receivedOf(order.database, orderId), orderId);
    // Of several reasons the first one closes the order.
    const step = { orderId, name: 'open-order' };
    await order.undo<OrderRequest, OpenedOrder>(step, reason, request, async (tx, done, call) => {
      await closeOrder(tx, done, call);
      await publish(tx, { type: 'OrderClosed', orderId, data: { order: request, total, reason } });
    });
  };

  const confirmWhenSent = async (event: ShopEvent) => {
    const { StockShipped, ShipmentDispatched } = await receive(order.database, event);
    if (!StockShipped || !ShipmentDispatched) return;
    const { orderId } = event;
    await order.act({ orderId, name: 'confirm-order' }, { orderId }, async (tx, input) => {
      const confirmed = await confirmOrder(tx, input);
      await announceEnd(tx, orderId);
      return confirmed;
    });
  };

  const endWhenUndone = async (event: ShopEvent) => {
    const { StockReleased, PaymentVoided, ShipmentCancelled } = await receive(order.database, event);
    if (StockReleased && PaymentVoided && ShipmentCancelled) await announceEnd(order.database, event.orderId);
  };

  return {
    /** Starts the clock of the review. Approved orders go on at shipping. */
    async ReviewAwaited(event) {
      await receive(order.database, event);
      await scheduleOverdue(order.database, event.orderId);
    },
    StockRefused: close,
    PaymentRefused: close,
    ShipmentRefused: close,
    ReviewRefused: close,
    CancelAccepted: close,
    async CancelTooLate(event) {
      await receive(order.database, event);
    },
    StockShipped: confirmWhenSent,
    ShipmentDispatched: confirmWhenSent,
    StockReleased: endWhenUndone,
    PaymentVoided: endWhenUndone,
    ShipmentCancelled: endWhenUndone,
  };
}

function opened({ OrderOpened }: Partial<Events>, orderId: string): Events['OrderOpened'] {
  if (OrderOpened === undefined)
    throw new Error(`${orderId}: an order that was never opened cannot be closed`);
  return OrderOpened;
}
