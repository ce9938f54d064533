import { compensatable, participant, runSaga } from '../../src/saga';
import type { BusinessActivities } from '../business/activities';
import { type Done, type Order, UNDELIVERABLE } from '../business/order';
import { ACCEPTED, benchSaga } from './unwind-definition';

const services = participant<BusinessActivities>({ name: 'services', taskQueue: 'bench-services' });
const openOrder = compensatable(services, {
  name: 'open-order',
  action: 'openOrder',
  compensation: 'closeOrder',
});
const reserveStock = compensatable(services, {
  name: 'reserve-stock',
  action: 'reserveStock',
  compensation: 'releaseStock',
});
const takePayment = compensatable(services, {
  name: 'take-payment',
  action: 'takePayment',
  compensation: 'refundPayment',
});
const bookShipment = compensatable(services, {
  name: 'book-shipment',
  action: 'bookShipment',
  compensation: 'cancelShipment',
  refusals: [UNDELIVERABLE],
});

export async function unwindSaga(order: Order): Promise<Done> {
  return await runSaga(benchSaga, async (saga) => {
    await saga.run(openOrder, order);
    saga.reach(ACCEPTED);
    await saga.run(reserveStock, order);
    await saga.run(takePayment, order);
    return await saga.run(bookShipment, order);
  });
}
