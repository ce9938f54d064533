import type { Database } from '../src/participant';
import { action, compensation } from '../src/participant';
import type { ShippingActivities } from '../services/shipping/contract';
import * as schema from '../services/shipping/schema';
import { bookShipment, cancelShipment, dispatchShipment } from '../services/shipping/service';

const booking = { input: schema.bookShipment, output: schema.shipment };
const dispatching = { input: schema.dispatchShipment, output: schema.dispatchedShipment };

/** The Temporal side of the shipping service. */
export function shippingActivities(database: Database): ShippingActivities {
  return {
    bookShipment: action(database, booking, bookShipment),
    cancelShipment: compensation(database, booking, cancelShipment),
    dispatchShipment: action(database, dispatching, dispatchShipment),
  };
}
