import type { Transaction } from '../../src/participant';
import type { OrderLine } from '../order/contract';

export type ReservationState = 'RESERVED' | 'RELEASED' | 'SHIPPED' | 'RETURNED';

/** On hand per product, locked until the transaction ends; in the order of the products, so none deadlock. */
export async function lockStock(tx: Transaction, skus: readonly string[]): Promise<Map<string, number>> {
  const rows = await tx.query<{ sku: string; onHand: number }>(
    `SELECT sku, on_hand AS "onHand" FROM stock WHERE sku = ANY ($1) ORDER BY sku FOR UPDATE`,
    [skus],
  );
  return new Map(rows.map((row) => [row.sku, row.onHand]));
}

/** Moves locked stock from on hand to reserved, under a new reservation whose id it returns. */
export async function insertReservation(
  tx: Transaction,
  orderId: string,
  sagaId: string,
  lines: readonly OrderLine[],
): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    `WITH line AS (
       SELECT * FROM unnest($3::text[], $4::integer[]) AS line (sku, quantity)
     ), moved AS (
       UPDATE stock SET on_hand = on_hand - quantity, reserved = reserved + quantity
       FROM line WHERE stock.sku = line.sku
     ), reservation AS (
       INSERT INTO reservations (order_id, saga_id) VALUES ($1, $2) RETURNING reservation_id
     ), kept AS (
       INSERT INTO reservation_lines SELECT reservation_id, sku, quantity FROM reservation, line
     )
     SELECT reservation_id AS id FROM reservation`,
    [orderId, sagaId, lines.map((line) => line.sku), lines.map((line) => line.quantity)],
  );
  if (row === undefined) throw new Error('An INSERT with RETURNING answers one row, got none');
  return row.id;
}

/** The state of a reservation, locked until the transaction ends, and its products. */
export async function lockReservation(
  tx: Transaction,
  reservationId: string,
): Promise<{ readonly state: ReservationState; readonly skus: string[] } | undefined> {
  const [found] = await tx.query<{ state: ReservationState; skus: string[] }>(
    `SELECT state, (SELECT array_agg(sku) FROM reservation_lines WHERE reservation_id = $1) AS skus
     FROM reservations WHERE reservation_id = $1 FOR UPDATE`,
    [reservationId],
  );
  return found;
}

const moves = {
  RELEASED: 'reserved = reserved - quantity, on_hand = on_hand + quantity',
  SHIPPED: 'reserved = reserved - quantity, shipped = shipped + quantity',
  RETURNED: 'shipped = shipped - quantity, on_hand = on_hand + quantity',
} as const;

/** Moves a locked reservation and its locked stock on; returns when. */
export async function moveReservation(
  tx: Transaction,
  reservationId: string,
  to: keyof typeof moves,
): Promise<Date> {
  const [row] = await tx.query<{ at: Date }>(
    `WITH moved AS (
       UPDATE stock SET ${moves[to]}
       FROM reservation_lines AS line WHERE line.reservation_id = $1 AND stock.sku = line.sku
     )
     UPDATE reservations SET state = $2, changed_at = now() WHERE reservation_id = $1 RETURNING changed_at AS at`,
    [reservationId, to],
  );
  if (row === undefined) throw new Error(`A locked reservation stays, but ${reservationId} is gone`);
  return row.at;
}
