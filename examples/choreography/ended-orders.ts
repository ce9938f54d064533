import { Client } from 'pg';
import type { EndedSaga } from '../../services/invariants';
import { orderSagaId } from '../../services/order/fulfilment';
import type { Database, Transaction } from '../../src/participant';

const CHANNEL = 'order_ended';

/** Tells {@link EndedOrders}, when the transaction commits. */
export async function announceEnd(tx: Transaction, orderId: string): Promise<void> {
  await tx.query('SELECT pg_notify($1, $2)', [CHANNEL, orderId]);
}

/**
 * How orders ended, by the order's database alone. An order that was closed has ended when all three services have
 * answered that nothing of it is left.
 * @param orderIds all orders, if absent.
 */
export async function endedOrders(database: Transaction, orderIds?: readonly string[]): Promise<EndedSaga[]> {
  const rows = await database.query<Pick<EndedSaga, 'orderId' | 'ended' | 'reason'>>(
    `SELECT * FROM (
       SELECT order_id AS "orderId", reason,
         CASE status WHEN 'CONFIRMED' THEN 'completed' WHEN 'CANCELLED' THEN 'cancelled' ELSE 'compensated' END AS ended
       FROM orders WHERE status = 'CONFIRMED' OR status <> 'PENDING' AND 3 = (
         SELECT count(*) FROM received_events WHERE received_events.order_id = orders.order_id
           AND type IN ('StockReleased', 'PaymentVoided', 'ShipmentCancelled'))
       UNION ALL
       SELECT input->>'orderId', refusal_code, 'compensated' FROM saga_barrier
       WHERE namespace = 'choreography' AND step = 'open-order' AND state = 'refused'
     ) AS ended WHERE $1::text[] IS NULL OR "orderId" = ANY ($1)`,
    [orderIds],
  );
  return rows.map(({ orderId, ended, reason }) => ({
    orderId,
    workflowId: orderSagaId(orderId),
    ended,
    ...(ended === 'compensated' && reason !== undefined && { reason }),
  }));
}

/** Waits for orders to end: by notifications, and by asking, should one be lost. */
export class EndedOrders {
  private readonly waiting = new Map<string, ((saga: EndedSaga) => void)[]>();
  private listener: Client | undefined;
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly database: Database,
    private readonly url: string,
    pollMs: number,
  ) {
    this.timer = setInterval(() => void this.ask([...this.waiting.keys()]), pollMs);
  }

  /** Resolves when the order has ended, however long that takes. */
  async wait(orderId: string): Promise<EndedSaga> {
    const ended = new Promise<EndedSaga>((resolve) => {
      this.waiting.set(orderId, [...(this.waiting.get(orderId) ?? []), resolve]);
    });
    await this.ask([orderId]);
    return await ended;
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.listener?.end();
  }

  private async ask(orderIds: readonly string[]): Promise<void> {
    if (orderIds.length === 0) return;
    try {
      await this.listen();
      for (const saga of await endedOrders(this.database, orderIds)) {
        for (const resolve of this.waiting.get(saga.orderId) ?? []) resolve(saga);
        this.waiting.delete(saga.orderId);
      }
    } catch {
      // The database is away: the next round asks again.
    }
  }

  private async listen(): Promise<void> {
    if (this.listener !== undefined) return;
    const client = new Client({ connectionString: this.url, application_name: 'choreography-ended' });
    this.listener = client;
    const forget = () => {
      if (this.listener === client) this.listener = undefined;
    };
    client.on('error', forget).on('end', forget);
    client.on('notification', ({ payload }) => void (payload && this.ask([payload])));
    try {
      await client.connect();
      await client.query(`LISTEN ${CHANNEL}`);
    } catch (error) {
      forget();
      throw error;
    }
  }
}
