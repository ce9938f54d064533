import type { Database } from '../src/participant';
import { action, compensation } from '../src/participant';
import type { OrderActivities } from '../services/order/contract';
import * as schema from '../services/order/schema';
import { closeOrder, confirmOrder, openOrder } from '../services/order/service';

const opening = { input: schema.orderRequest, output: schema.openedOrder };
const confirming = { input: schema.confirmOrder, output: schema.confirmedOrder };

/** The Temporal side of the order service. */
export function orderActivities(database: Database): OrderActivities {
  return {
    openOrder: action(database, opening, openOrder),
    closeOrder: compensation(database, opening, closeOrder),
    confirmOrder: action(database, confirming, confirmOrder),
  };
}
