import type { Transaction } from '../../src/participant';
import type { OrderLine, OrderRequest } from './contract';

export interface CatalogueEntry {
  readonly sku: string;
  readonly unitPrice: number;
  readonly currency: string;
}

export interface NewOrder extends OrderRequest {
  readonly sagaId: string;
  readonly total: number;
  readonly currency: string;
}

/** The catalogue's entries for these products; unknown ones are missing from the answer. */
export function findProducts(tx: Transaction, skus: readonly string[]): Promise<CatalogueEntry[]> {
  return tx.query(`SELECT sku, unit_price AS "unitPrice", currency FROM catalogue WHERE sku = ANY ($1)`, [
    skus,
  ]);
}

/** False if an order of this id is there already. */
export async function insertOrder(tx: Transaction, order: NewOrder): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO orders (order_id, saga_id, customer_id, country, postal_code, total, currency)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (order_id) DO NOTHING RETURNING 1`,
    [
      order.orderId,
      order.sagaId,
      order.customerId,
      order.shipTo.country,
      order.shipTo.postalCode,
      order.total,
      order.currency,
    ],
  );
  return inserted.length === 1;
}

/** Stores the lines with the prices that the catalogue holds now. */
export async function insertLines(
  tx: Transaction,
  orderId: string,
  lines: readonly (OrderLine & { readonly unitPrice: number })[],
): Promise<void> {
  await tx.query(
    `INSERT INTO order_lines (order_id, sku, quantity, unit_price)
     SELECT $1, * FROM unnest($2::text[], $3::integer[], $4::bigint[])`,
    [
      orderId,
      lines.map((line) => line.sku),
      lines.map((line) => line.quantity),
      lines.map((line) => line.unitPrice),
    ],
  );
}

export interface Transition {
  readonly orderId: string;
  readonly from: readonly string[];
  readonly to: string;
  readonly reason?: string;
}

/** Moves an order on; returns when, or undefined if it is not in one of the states `from`. */
export async function moveOrder(tx: Transaction, move: Transition): Promise<Date | undefined> {
  const [moved] = await tx.query<{ at: Date }>(
    `UPDATE orders SET status = $3, reason = $4
     WHERE order_id = $1 AND status = ANY ($2) RETURNING now() AS at`,
    [move.orderId, move.from, move.to, move.reason],
  );
  return moved?.at;
}
