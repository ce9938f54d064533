import {
  ActivityFailure,
  ApplicationFailure,
  condition,
  isCancellation,
  log,
  proxyActivities,
} from '@temporalio/workflow';
import type { OrderRequest } from '../../../services/order/contract';
import type { OrderReceipt } from '../../../services/order/fulfilment';
import { acceptReview, needsReview } from '../../../workflows/review';
import type {
  InventoryActivities,
  OrderActivities,
  PaymentActivities,
  ShippingActivities,
} from './activities';

/** The usual options: one attempt as long as the product's, retried by Temporal's own policy, which has no end. */
const on = (taskQueue: string) => ({ taskQueue, startToCloseTimeout: '10s' }) as const;

const { openOrder, closeOrder, confirmOrder } = proxyActivities<OrderActivities>(on('order'));
const { authorisePayment, voidPayment, capturePayment } = proxyActivities<PaymentActivities>(on('payment'));
const { reserveStock, releaseStock, shipStock } = proxyActivities<InventoryActivities>(on('inventory'));
const { bookShipment, cancelShipment, dispatchShipment } = proxyActivities<ShippingActivities>(
  on('shipping'),
);

interface Compensation {
  readonly message: string;
  readonly undo: (reason: string) => Promise<void>;
}

/**
 * The order saga as it is written by hand after the official TypeScript sample: an undo is put on a list once its call
 * has succeeded; whatever fails, the list is run backwards; an undo that fails is logged and passed over; nothing of it
 * is shielded from a cancellation.
 */
export async function fulfilOrder(input: OrderRequest): Promise<OrderReceipt> {
  const approved = acceptReview({
    isEnding: false,
    waitFor: (_what, holds, timeout = '1 hour') => condition(holds, timeout),
  });
  const compensations: Compensation[] = [];
  const { orderId, customerId, card, lines, shipTo } = input;
  try {
    const opened = await openOrder(input);
    compensations.unshift({
      message: 'close the order',
      undo: (reason) => closeOrder({ input, output: opened }, reason),
    });
    const { total } = opened;

    const stock = { orderId, lines };
    const reservation = await reserveStock(stock);
    compensations.unshift({
      message: 'release the stock',
      undo: () => releaseStock({ input: stock, output: reservation }),
    });

    const payment = { orderId, customerId, card, total };
    const authorisation = await authorisePayment(payment);
    compensations.unshift({
      message: 'void the payment',
      undo: () => voidPayment({ input: payment, output: authorisation }),
    });

    if (needsReview(total)) await approved();

    const parcel = { orderId, lines, shipTo };
    const shipment = await bookShipment(parcel);
    compensations.unshift({
      message: 'cancel the shipment',
      undo: () => cancelShipment({ input: parcel, output: shipment }),
    });

    const { captureId } = await capturePayment(authorisation);
    await dispatchShipment(shipment);
    await shipStock(reservation);
    const { confirmedAt } = await confirmOrder({ orderId });
    const { shipmentId, carrier } = shipment;
    return { orderId, total, captureId, shipmentId, carrier, confirmedAt };
  } catch (error) {
    const code = codeOf(error);
    await compensate(compensations, code);
    if (isCancellation(error)) throw error;
    throw ApplicationFailure.nonRetryable('the order failed', code);
  }
}

function codeOf(error: unknown): string {
  if (isCancellation(error)) return 'CANCELLED';
  const cause = error instanceof ActivityFailure ? error.cause : error;
  return (cause instanceof ApplicationFailure ? cause.type : undefined) ?? 'FAILED';
}

async function compensate(compensations: readonly Compensation[], reason: string): Promise<void> {
  for (const { message, undo } of compensations) {
    try {
      await undo(reason);
    } catch (error) {
      log.error(`failed to ${message}`, { error });
    }
  }
}
