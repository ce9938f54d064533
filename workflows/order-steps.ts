import { compensatable, participant, pivot, retriable } from '../src/saga';
import { type InventoryActivities, inventoryService, reserveRefusals } from '../services/inventory/contract';
import { openRefusals, type OrderActivities, orderService } from '../services/order/contract';
import {
  authoriseRefusals,
  captureRefusals,
  type PaymentActivities,
  paymentService,
} from '../services/payment/contract';
import { bookRefusals, type ShippingActivities, shippingService } from '../services/shipping/contract';
import type { Money } from '../services/money';

/** The steps of an order, each declared once. Their names are part of idempotency keys: never rename one. */

const order = participant<OrderActivities>(orderService);
const payment = participant<PaymentActivities>(paymentService);
const inventory = participant<InventoryActivities>(inventoryService);
const shipping = participant<ShippingActivities>(shippingService);

export const openOrder = compensatable(order, {
  name: 'open-order',
  action: 'openOrder',
  compensation: 'closeOrder',
  refusals: openRefusals,
  summary: ({ orderId }) => `open order ${orderId}`,
});

export const reserveStock = compensatable(inventory, {
  name: 'reserve-stock',
  action: 'reserveStock',
  compensation: 'releaseStock',
  refusals: reserveRefusals,
  summary: ({ lines }) => `reserve ${lines.map((line) => `${line.quantity} × ${line.sku}`).join(', ')}`,
});

export const authorisePayment = compensatable(payment, {
  name: 'authorise-payment',
  action: 'authorisePayment',
  compensation: 'voidPayment',
  refusals: authoriseRefusals,
  summary: ({ total }) => `authorise ${text(total)}`,
});

export const bookShipment = compensatable(shipping, {
  name: 'book-shipment',
  action: 'bookShipment',
  compensation: 'cancelShipment',
  refusals: bookRefusals,
  summary: ({ shipTo }) => `book a carrier to ${shipTo.country}`,
});

export const capturePayment = pivot(payment, {
  name: 'capture-payment',
  action: 'capturePayment',
  compensation: 'refundPayment',
  refusals: captureRefusals,
  summary: ({ total }) => `capture ${text(total)}`,
});

export const dispatchShipment = retriable(shipping, {
  name: 'dispatch-shipment',
  action: 'dispatchShipment',
  summary: ({ carrier }) => `dispatch with ${carrier}`,
});

export const shipStock = retriable(inventory, { name: 'ship-stock', action: 'shipStock' });

export const confirmOrder = retriable(order, { name: 'confirm-order', action: 'confirmOrder' });

function text({ amount, currency }: Money): string {
  return `${Math.trunc(amount / 100)}.${String(amount % 100).padStart(2, '0')} ${currency}`;
}
