import { ApplicationFailure, log, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';
import type { BusinessActivities } from '../business/activities';
import type { Done, Order } from '../business/order';

const options = { startToCloseTimeout: '10s', retry: { maximumAttempts: 6 } } as const;

/** A saga in the shape of Temporal's official TypeScript sample: an undo is registered after its call. */
async function saga(activities: BusinessActivities, order: Order): Promise<Done> {
  const compensations: (() => Promise<void>)[] = [];
  try {
    await activities.openOrder(order);
    compensations.unshift(() => activities.closeOrder({ input: order }));
    await activities.reserveStock(order);
    compensations.unshift(() => activities.releaseStock({ input: order }));
    await activities.takePayment(order);
    compensations.unshift(() => activities.refundPayment({ input: order }));
    return await activities.bookShipment(order);
  } catch (error) {
    for (const compensate of compensations) {
      try {
        await compensate();
      } catch (failure) {
        log.error('failed to compensate', { failure });
      }
    }
    throw ApplicationFailure.nonRetryable((error as Error).message, 'UNDELIVERABLE');
  }
}

export async function sagaByHand(order: Order): Promise<Done> {
  return await saga(proxyActivities<BusinessActivities>(options), order);
}

export async function localSagaByHand(order: Order): Promise<Done> {
  return await saga(proxyLocalActivities<BusinessActivities>(options), order);
}
