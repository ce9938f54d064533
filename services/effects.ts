import type { Client } from 'pg';
import type { ServiceName } from './names';
import { serviceNames } from './names';

/** One connection per service. */
export type Auditor = Readonly<Record<ServiceName, Client>>;

/** One thing that a saga did at a service and that may still stand. */
export interface Effect {
  readonly service: ServiceName;
  readonly sagaId: string;
  readonly orderId: string;
  readonly state: string;
  /** Amount and currency, where money is concerned. */
  readonly total?: string;
  /** Products and quantities in one order everywhere, where goods are concerned. */
  readonly lines?: string;
  /** Why an order was closed. */
  readonly reason?: string | null;
}

const lines = (table: string, key: string) =>
  `(SELECT string_agg(sku || ' × ' || quantity, ', ' ORDER BY sku COLLATE "C")
    FROM ${table} AS line WHERE line.${key} = main.${key}) AS lines`;

const queries: Readonly<Record<ServiceName, string>> = {
  order: `SELECT 'order' AS service, saga_id AS "sagaId", order_id AS "orderId", status AS state, reason,
      total || ' ' || currency AS total, ${lines('order_lines', 'order_id')} FROM orders AS main`,
  payment: `SELECT 'payment' AS service, saga_id AS "sagaId", order_id AS "orderId", state,
      amount || ' ' || currency AS total FROM authorisations AS main`,
  inventory: `SELECT 'inventory' AS service, saga_id AS "sagaId", order_id AS "orderId", state,
      ${lines('reservation_lines', 'reservation_id')} FROM reservations AS main`,
  shipping: `SELECT 'shipping' AS service, saga_id AS "sagaId", order_id AS "orderId", state,
      ${lines('shipment_lines', 'shipment_id')} FROM shipments AS main`,
};

/** What these sagas did at all four services, per saga. */
export async function readEffects(
  auditor: Auditor,
  sagaIds: readonly string[],
): Promise<ReadonlyMap<string, readonly Effect[]>> {
  const answers = await Promise.all(
    serviceNames.map((service) =>
      auditor[service].query<Effect>(`${queries[service]} WHERE saga_id = ANY ($1)`, [sagaIds]),
    ),
  );
  const bySaga = new Map<string, Effect[]>(sagaIds.map((sagaId) => [sagaId, []]));
  for (const effect of answers.flatMap((answer) => answer.rows)) bySaga.get(effect.sagaId)?.push(effect);
  return bySaga;
}
