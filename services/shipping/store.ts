import type { Transaction } from '../../src/participant';
import type { BookShipment } from './contract';

export type ShipmentState = 'BOOKED' | 'CANCELLED' | 'DISPATCHED' | 'RETURNED';

export interface Booking {
  readonly shipmentId: string;
  readonly carrier: string;
}

/** Books the cheapest carrier that serves the country; undefined when none does. */
export async function insertShipment(
  tx: Transaction,
  { orderId, shipTo, lines }: BookShipment,
  sagaId: string,
): Promise<Booking | undefined> {
  const [booked] = await tx.query<Booking>(
    `WITH shipment AS (
       INSERT INTO shipments (order_id, saga_id, carrier, country, postal_code, price, currency)
       SELECT $1, $2, carrier, country, $4, price, currency
       FROM coverage WHERE country = $3 ORDER BY price, carrier LIMIT 1
       RETURNING shipment_id, carrier
     ), packed AS (
       INSERT INTO shipment_lines
       SELECT shipment_id, sku, quantity FROM shipment, unnest($5::text[], $6::integer[]) AS line (sku, quantity)
     )
     SELECT shipment_id AS "shipmentId", carrier FROM shipment`,
    [
      orderId,
      sagaId,
      shipTo.country,
      shipTo.postalCode,
      lines.map((line) => line.sku),
      lines.map((line) => line.quantity),
    ],
  );
  return booked;
}

/** Moves a shipment on; returns when, or undefined if it is not in the state `from`. */
export async function moveShipment(
  tx: Transaction,
  shipmentId: string,
  from: ShipmentState,
  to: ShipmentState,
): Promise<Date | undefined> {
  const [moved] = await tx.query<{ at: Date }>(
    `UPDATE shipments SET state = $3, changed_at = now()
     WHERE shipment_id = $1 AND state = $2 RETURNING changed_at AS at`,
    [shipmentId, from, to],
  );
  return moved?.at;
}
