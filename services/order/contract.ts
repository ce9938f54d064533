import type { z } from 'zod';
import type { Action, Compensation } from '../../src/saga';
import type { ShopRefusalCode } from '../error-codes';
import type * as schema from './schema';

export type OrderRequest = z.infer<typeof schema.orderRequest>;
export type OrderLine = z.infer<typeof schema.orderLine>;
export type OpenedOrder = z.infer<typeof schema.openedOrder>;
export type ConfirmOrder = z.infer<typeof schema.confirmOrder>;
export type ConfirmedOrder = z.infer<typeof schema.confirmedOrder>;

export const orderService = { name: 'order', taskQueue: 'order' } as const;

/** Why the order service may refuse to open an order. */
export const openRefusals = [
  'UNKNOWN_PRODUCT',
  'MIXED_CURRENCIES',
  'ORDER_EXISTS',
] as const satisfies readonly ShopRefusalCode[];

export type OrderActivities = {
  /** Stores the order as PENDING and prices it. Refusals: {@link openRefusals}. */
  openOrder: Action<OrderRequest, OpenedOrder>;
  /**
   * PENDING → CANCELLED when `call.reason` is `CANCELLED`, else → REJECTED with that reason.
   * Reversing a completed order: CONFIRMED → CANCELLED, with the reason.
   */
  closeOrder: Compensation<OrderRequest, OpenedOrder>;
  /** PENDING → CONFIRMED. */
  confirmOrder: Action<ConfirmOrder, ConfirmedOrder>;
};
