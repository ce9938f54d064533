import { defineSignal } from '@temporalio/workflow';
import { defineSaga } from '../../src/saga';
import type { Done, Order } from '../business/order';

export const SCALE_QUEUE = 'bench-scale';

/** An order that waits for a review after its first step. */
export const reviewedSaga = defineSaga<Order, Done>({
  workflow: 'reviewed',
  taskQueue: SCALE_QUEUE,
  idOf: ({ orderId }) => orderId,
  placement: 'express',
});
export const review = defineSignal('review');

/** An order of many items, each a step. */
export interface LargeOrder {
  readonly order: Order;
  readonly items: number;
}

export const largeSaga = defineSaga<LargeOrder, number>({
  workflow: 'large',
  taskQueue: SCALE_QUEUE,
  idOf: ({ order }) => order.orderId,
  placement: 'saga-queue',
});
