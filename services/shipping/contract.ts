import type { z } from 'zod';
import type { Action, Compensation } from '../../src/saga';
import type { ShopRefusalCode } from '../error-codes';
import type * as schema from './schema';

export type BookShipment = z.infer<typeof schema.bookShipment>;
export type Shipment = z.infer<typeof schema.shipment>;
export type DispatchShipment = z.infer<typeof schema.dispatchShipment>;
export type DispatchedShipment = z.infer<typeof schema.dispatchedShipment>;

export const shippingService = { name: 'shipping', taskQueue: 'shipping' } as const;

export const bookRefusals = ['UNDELIVERABLE'] as const satisfies readonly ShopRefusalCode[];

export type ShippingActivities = {
  /** Books the cheapest carrier that serves the country. Refusals: {@link bookRefusals}. */
  bookShipment: Action<BookShipment, Shipment>;
  /** BOOKED → CANCELLED. Reversing a completed order: DISPATCHED → RETURNED. */
  cancelShipment: Compensation<BookShipment, Shipment>;
  /** BOOKED → DISPATCHED. */
  dispatchShipment: Action<DispatchShipment, DispatchedShipment>;
};
