import type { ClientBase } from 'pg';
import type { InvariantReport } from './invariant';
import { sqlInvariants } from './invariant';

const invariants: Readonly<Record<string, string>> = {
  'stock: on hand + reserved + shipped is what was received, none negative': `
    SELECT CASE WHEN on_hand + reserved + shipped <> received OR least(on_hand, reserved, shipped) < 0
      THEN format('%s: %s + %s + %s of %s', sku, on_hand, reserved, shipped, received) END AS violation
    FROM stock`,

  'stock: reserved and shipped are what reservations say': `
    SELECT CASE WHEN (reserved, shipped) <> (said.reserved_lines, said.shipped_lines)
      THEN format('%s: %s reserved and %s shipped, reservations say %s and %s',
        sku, reserved, shipped, said.reserved_lines, said.shipped_lines) END AS violation
    FROM stock, LATERAL (
      SELECT coalesce(sum(quantity) FILTER (WHERE state = 'RESERVED'), 0) AS reserved_lines,
             coalesce(sum(quantity) FILTER (WHERE state = 'SHIPPED'), 0) AS shipped_lines
      FROM reservation_lines JOIN reservations USING (reservation_id) WHERE reservation_lines.sku = stock.sku
    ) AS said`,
};

/** Checks the inventory database. */
export function checkStock(client: ClientBase): Promise<InvariantReport> {
  return sqlInvariants(client, invariants);
}
