import { z } from 'zod';
import type { OrderRequest } from '../../services/order/contract';
import { orderId, orderRequest } from '../../services/order/schema';
import { readJson } from '../order/order-file';

/**
 * A file of orders. An order without an `orderId` gets a new id, derived from its name, each time the file is read, so the
 * file can be placed repeatedly.
 */
const orderFile = z
  .array(
    z.strictObject({
      name: orderId.max(40),
      order: orderRequest.partial({ orderId: true }),
      whileWaiting: z.enum(['approve', 'decline', 'cancel']).optional(),
    }),
  )
  .min(1);

/**
 * @property whileWaiting what a person does while the order waits for its review.
 */
export interface OrderToPlace {
  readonly order: OrderRequest;
  readonly whileWaiting: 'approve' | 'decline' | 'cancel' | undefined;
}

/**
 * Reads a file of orders.
 * @param now part of the new ids: different times give different ids.
 * @throws SetupError `INVALID_ORDERS`, with all problems.
 */
export function readOrders(path: string, now = Date.now()): OrderToPlace[] {
  return readJson(path, orderFile, 'is not a file of orders').map(({ name, order, whileWaiting }) => ({
    order: { ...order, orderId: order.orderId ?? `${name}-${now.toString(36)}` },
    whileWaiting,
  }));
}
