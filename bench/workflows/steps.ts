import { compensatable, participant } from '../../src/saga';
import type { BusinessActivities } from '../business/activities';
import { UNDELIVERABLE } from '../business/order';

/* The steps of an order. */

const services = participant<BusinessActivities>({ name: 'services', taskQueue: 'bench-services' });
export const openOrder = compensatable(services, {
  name: 'open-order',
  action: 'openOrder',
  compensation: 'closeOrder',
});
export const reserveStock = compensatable(services, {
  name: 'reserve-stock',
  action: 'reserveStock',
  compensation: 'releaseStock',
});
export const takePayment = compensatable(services, {
  name: 'take-payment',
  action: 'takePayment',
  compensation: 'refundPayment',
});
export const bookShipment = compensatable(services, {
  name: 'book-shipment',
  action: 'bookShipment',
  compensation: 'cancelShipment',
  refusals: [UNDELIVERABLE],
});
