import { z } from 'zod';
import type { OrderRequest } from '../../services/order/contract';
import { orderId, orderRequest } from '../../services/order/schema';
import { readJson } from '../order/order-file';

/**
 * A file of orders: each has a name, the order, and what a person does while it waits for its review. An order
 * without an `orderId` gets a new one from its name each time, so that the file can be placed again and again.
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

/** An order, and what a person does while it waits for its review. */
export interface OrderToPlace {
  readonly order: OrderRequest;
  readonly whileWaiting: 'approve' | 'decline' | 'cancel' | undefined;
}

/**
 * Reads a file of orders.
 * @param now makes the new ids: two times give two sets of ids.
 * @throws SetupError `INVALID_ORDERS`, naming every problem.
 */
export function readOrders(path: string, now = Date.now()): OrderToPlace[] {
  return readJson(path, orderFile, 'is no file of orders').map(({ name, order, whileWaiting }) => ({
    order: { ...order, orderId: order.orderId ?? `${name}-${now.toString(36)}` },
    whileWaiting,
  }));
}
