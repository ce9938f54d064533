import type { Client } from 'pg';
import type { ServiceName } from '../../../services/names';
import type { Databases } from './databases';

/** What one service holds of one saga. */
export interface Effect {
  readonly sagaId: string;
  readonly orderId: string;
  readonly state: string;
  /** The row's own id: of the capture where there is one. */
  readonly id: string | null;
  /** Goods as `sku*quantity`, sorted; money as `amount currency`; each where it applies. */
  readonly goods: string | null;
  readonly money: string | null;
  readonly reason: string | null;
}

export type Effects = Readonly<Record<ServiceName, readonly Effect[]>>;

const goods = (table: string, key: string) =>
  `(SELECT string_agg(sku || '*' || quantity, ' ' ORDER BY sku COLLATE "C") FROM ${table} WHERE ${table}.${key} = held.${key})`;

const queries: Readonly<Record<ServiceName, string>> = {
  order: `SELECT saga_id, order_id, status AS state, order_id AS id, ${goods('order_lines', 'order_id')} AS goods,
    total || ' ' || currency AS money, reason FROM orders AS held`,
  payment: `SELECT saga_id, order_id, state, capture_id::text AS id, NULL AS goods, amount || ' ' || currency AS money,
    NULL AS reason FROM authorisations AS held`,
  inventory: `SELECT saga_id, order_id, state, reservation_id::text AS id,
    ${goods('reservation_lines', 'reservation_id')} AS goods, NULL AS money, NULL AS reason FROM reservations AS held`,
  shipping: `SELECT saga_id, order_id, state, shipment_id::text AS id,
    ${goods('shipment_lines', 'shipment_id')} AS goods, NULL AS money, NULL AS reason FROM shipments AS held`,
};

/** All that the four services hold, of any saga. */
export async function readEffects(databases: Databases): Promise<Effects> {
  return {
    order: await read(databases.order, queries.order),
    payment: await read(databases.payment, queries.payment),
    inventory: await read(databases.inventory, queries.inventory),
    shipping: await read(databases.shipping, queries.shipping),
  };
}

async function read(client: Client, query: string): Promise<Effect[]> {
  const { rows } = await client.query<Effect>(
    `SELECT saga_id AS "sagaId", order_id AS "orderId", state, id, goods, money, reason FROM (${query}) AS found`,
  );
  return rows;
}
