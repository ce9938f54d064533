import { Barrier, type Database } from '../../src/participant';
import type { EndedSaga } from '../../services/invariants';
import type { OpenedOrder, OrderRequest } from '../../services/order/contract';
import type { Review } from '../../services/order/fulfilment';
import { orderRequest } from '../../services/order/schema';
import { openOrder } from '../../services/order/service';
import { EndedOrders, endedOrders } from './ended-orders';
import type { ShopEvent } from './events';
import { publish } from './outbox';
import { callOf, Participant } from './participant';
import { receivedOf, store } from './received-events';
import { needsReview, reviewOrder } from './review';

/** What customers and clerks do at the order service. It needs the order's database alone: all else may be down. */
export class OrderDesk {
  private readonly barrier: Barrier;
  private readonly ends: EndedOrders;

  constructor(
    private readonly database: Database,
    url: string,
    pollMs = 500,
  ) {
    this.barrier = new Barrier(database);
    this.ends = new EndedOrders(database, url, pollMs);
  }

  /**
   * Opens an order, once.
   * @throws Refusal UNKNOWN_PRODUCT, MIXED_CURRENCIES, ORDER_EXISTS; ZodError.
   */
  async place(request: OrderRequest): Promise<OpenedOrder> {
    const order = orderRequest.parse(request);
    const { orderId } = order;
    const call = callOf(orderId, 'open-order', 'do');
    return await this.barrier.do(call, order, async (tx) => {
      const opened = await openOrder(tx, order, call);
      const { total } = opened;
      const data = { order, total, needsReview: needsReview(total) };
      const event: ShopEvent = { type: 'OrderOpened', orderId, data };
      await store(tx, event);
      await publish(tx, event);
      return opened;
    });
  }

  /** Asks for a cancel. Payment decides whether it comes in time: see {@link ended}. */
  async cancel(orderId: string): Promise<void> {
    await this.database.transaction(async (tx) => {
      const { OrderOpened } = await receivedOf(tx, orderId);
      if (OrderOpened === undefined) throw new Error(`There is no order ${orderId}`);
      await publish(tx, { type: 'CancelRequested', orderId, data: {} });
    });
  }

  /** @throws Error when the order waits for no review. */
  async review(orderId: string, review: Review): Promise<void> {
    await reviewOrder(new Participant(this.database), orderId, review);
  }

  /** Resolves when everything of the order is done, or everything is undone. */
  ended(orderId: string): Promise<EndedSaga> {
    return this.ends.wait(orderId);
  }

  /** All orders that have ended. */
  allEnded(): Promise<EndedSaga[]> {
    return endedOrders(this.database);
  }

  async close(): Promise<void> {
    await this.ends.close();
    await this.database.close();
  }
}
