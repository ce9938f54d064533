import type { Database, Transaction } from '../../src/participant';
import type { Events, ShopEvent } from './events';

/** For a service that waits for several events of an order before it acts. */
export const receivedEventsTable = `
CREATE TABLE IF NOT EXISTS received_events (
  order_id text NOT NULL,
  type text NOT NULL,
  data jsonb NOT NULL,
  at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (order_id, type)
)`;

export type Received = Partial<Events>;

export async function store(tx: Transaction, { orderId, type, data }: ShopEvent): Promise<void> {
  await tx.query(
    `INSERT INTO received_events (order_id, type, data) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [orderId, type, JSON.stringify(data)],
  );
}

export async function receivedOf(tx: Transaction, orderId: string): Promise<Received> {
  const rows = await tx.query<{ type: string; data: unknown }>(
    'SELECT type, data FROM received_events WHERE order_id = $1',
    [orderId],
  );
  return Object.fromEntries(rows.map(({ type, data }) => [type, data]));
}

/**
 * Keeps an event, and returns all that came for its order. Two transactions: of two events that arrive at once, the
 * later one to be committed sees both. In one transaction neither might see the other, and nobody would act.
 */
export async function receive(database: Database, event: ShopEvent): Promise<Received> {
  await store(database, event);
  return await receivedOf(database, event.orderId);
}
