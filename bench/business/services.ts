import { type Done, type Order, type Table, UNDELIVERABLE, UNSERVED } from './order';

/** Where a statement runs: a pool, a client or a transaction of the barrier. */
export interface Sql {
  query(text: string, values: unknown[]): Promise<unknown>;
}

/** Shipping says no. */
export class Undeliverable extends Error {
  override readonly name = UNDELIVERABLE;
}

const inserts = {
  orders: {
    text: `INSERT INTO orders VALUES ($1, $2, 'DONE') ON CONFLICT DO NOTHING`,
    values: ({ orderId, customer }: Order) => [orderId, customer],
  },
  reservations: {
    text: `INSERT INTO reservations VALUES ($1, $2, $3, 'DONE') ON CONFLICT DO NOTHING`,
    values: ({ orderId, sku, quantity }: Order) => [orderId, sku, quantity],
  },
  payments: {
    text: `INSERT INTO payments VALUES ($1, $2, 'DONE') ON CONFLICT DO NOTHING`,
    values: ({ orderId, amount }: Order) => [orderId, amount],
  },
  shipments: {
    text: `INSERT INTO shipments VALUES ($1, $2, 'DONE') ON CONFLICT DO NOTHING`,
    values: ({ orderId, country }: Order) => [orderId, country],
  },
} satisfies Record<Table, { text: string; values: (order: Order) => unknown[] }>;

/** Does one business step. Idempotent by the order's id. @throws Undeliverable */
export async function perform(sql: Sql, table: Table, order: Order): Promise<Done> {
  if (table === 'shipments' && order.country === UNSERVED)
    throw new Undeliverable(`no carrier serves ${order.country}`);
  const { text, values } = inserts[table];
  await sql.query(text, values(order));
  return { orderId: order.orderId, at: table };
}

/** Takes one business step back. Idempotent. */
export async function undo(sql: Sql, table: Table, { orderId }: Order): Promise<void> {
  await sql.query(`UPDATE ${table} SET state = 'UNDONE' WHERE order_id = $1`, [orderId]);
}
