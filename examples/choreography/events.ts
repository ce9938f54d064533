import type { Reservation } from '../../services/inventory/contract';
import type { Money } from '../../services/money';
import type { ServiceName } from '../../services/names';
import type { OrderRequest } from '../../services/order/contract';
import type { Authorisation } from '../../services/payment/contract';
import type { Shipment } from '../../services/shipping/contract';

/** Why a service refused its part, or why an order was closed: a code such as `OUT_OF_STOCK`. */
interface Reason {
  readonly reason: string;
}

interface OpenOrder {
  readonly order: OrderRequest;
  readonly total: Money;
}

/**
 * What each event says besides its order. An event of a type happens at most once per order. It carries what the services
 * that react to it need, so none of them asks another one.
 */
export interface Events {
  readonly OrderOpened: OpenOrder & { readonly needsReview: boolean };
  readonly StockReserved: { readonly reservation: Reservation };
  readonly StockRefused: Reason;
  readonly PaymentAuthorised: { readonly authorisation: Authorisation };
  readonly PaymentRefused: Reason;
  /** All else is there that a shipment needs. */
  readonly ReviewAwaited: object;
  readonly ReviewApproved: { readonly actor: string };
  readonly ReviewRefused: Reason;
  readonly ShipmentBooked: {
    readonly shipment: Shipment;
    readonly reservation: Reservation;
    readonly authorisation: Authorisation;
  };
  readonly ShipmentRefused: Reason;
  /** The point of no return: every later step is retried until it succeeds. */
  readonly PaymentCaptured: { readonly shipment: Shipment; readonly reservation: Reservation };
  readonly ShipmentDispatched: object;
  readonly StockShipped: object;
  readonly CancelRequested: object;
  readonly CancelAccepted: Reason;
  readonly CancelTooLate: object;
  /** The order is rejected or cancelled: whoever did something for it undoes that, and answers. */
  readonly OrderClosed: OpenOrder & Reason;
  readonly StockReleased: object;
  readonly PaymentVoided: object;
  readonly ShipmentCancelled: object;
}

export type EventType = keyof Events;

export type ShopEvent<Type extends EventType = EventType> = {
  [T in Type]: { readonly type: T; readonly orderId: string; readonly data: Events[T] };
}[Type];

/** Who reacts to what. */
export const consumers: Readonly<Record<EventType, readonly ServiceName[]>> = {
  OrderOpened: ['inventory', 'payment', 'shipping'],
  StockReserved: ['shipping'],
  StockRefused: ['order'],
  PaymentAuthorised: ['shipping'],
  PaymentRefused: ['order'],
  ReviewAwaited: ['order'],
  ReviewApproved: ['shipping'],
  ReviewRefused: ['order'],
  ShipmentBooked: ['payment'],
  ShipmentRefused: ['order'],
  PaymentCaptured: ['shipping', 'inventory'],
  ShipmentDispatched: ['order'],
  StockShipped: ['order'],
  CancelRequested: ['payment'],
  CancelAccepted: ['order'],
  CancelTooLate: ['order'],
  OrderClosed: ['inventory', 'payment', 'shipping'],
  StockReleased: ['order'],
  PaymentVoided: ['order'],
  ShipmentCancelled: ['order'],
};

/** The code that a service runs for each event it consumes. */
export type Reactions = { readonly [T in EventType]?: (event: ShopEvent<T>) => Promise<void> };
