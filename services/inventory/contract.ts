import type { z } from 'zod';
import type { Action, Compensation } from '../../src/saga';
import type { ShopRefusalCode } from '../error-codes';
import type * as schema from './schema';

export type ReserveStock = z.infer<typeof schema.reserveStock>;
export type Reservation = z.infer<typeof schema.reservation>;
export type ShipStock = z.infer<typeof schema.shipStock>;
export type ShippedStock = z.infer<typeof schema.shippedStock>;

export const inventoryService = { name: 'inventory', taskQueue: 'inventory' } as const;

export const reserveRefusals = ['OUT_OF_STOCK'] as const satisfies readonly ShopRefusalCode[];

export type InventoryActivities = {
  /** on hand → reserved, for all lines or none. Refusals: {@link reserveRefusals}. */
  reserveStock: Action<ReserveStock, Reservation>;
  /** reserved → on hand. Reversing a completed order: shipped → on hand. */
  releaseStock: Compensation<ReserveStock, Reservation>;
  /** reserved → shipped. */
  shipStock: Action<ShipStock, ShippedStock>;
};
