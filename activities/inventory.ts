import type { Database } from '../src/participant';
import { action, compensation } from '../src/participant';
import type { InventoryActivities } from '../services/inventory/contract';
import * as schema from '../services/inventory/schema';
import { releaseStock, reserveStock, shipStock } from '../services/inventory/service';

const reserving = { input: schema.reserveStock, output: schema.reservation };
const shipping = { input: schema.shipStock, output: schema.shippedStock };

/** The Temporal side of the inventory service. */
export function inventoryActivities(database: Database): InventoryActivities {
  return {
    reserveStock: action(database, reserving, reserveStock),
    releaseStock: compensation(database, reserving, releaseStock),
    shipStock: action(database, shipping, shipStock),
  };
}
