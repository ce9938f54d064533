import { defineSearchAttributeKey } from '@temporalio/common';
import { defineUpdate } from '@temporalio/workflow';
import { defineSaga } from '../../src/saga';
import type { Money } from '../money';
import type { OrderRequest } from './contract';

/** What the customer gets when the order went through. Times are ISO 8601 instants. */
export interface OrderReceipt {
  readonly orderId: string;
  readonly total: Money;
  readonly captureId: string;
  readonly shipmentId: string;
  readonly carrier: string;
  readonly confirmedAt: string;
}

/** Whose order a saga is about: an opaque id, since search attributes are never encrypted. */
export const CustomerId = defineSearchAttributeKey('CustomerId', 'KEYWORD');

/** The workflow id of an order's saga. */
export function orderSagaId(orderId: string): string {
  return `order-${orderId}`;
}

/** The saga that fulfils an order. One order id is one saga: starting it twice runs it once. */
export const fulfilment = defineSaga<OrderRequest, OrderReceipt>({
  workflow: 'fulfilOrder',
  taskQueue: 'orchestrator',
  idOf: (order) => orderSagaId(order.orderId),
  summary: (order) => `order ${order.orderId} of ${order.customerId} to ${order.shipTo.country}`,
  details: (order) =>
    [
      `Order \`${order.orderId}\``,
      '',
      ...order.lines.map((line) => `- ${line.quantity} × \`${line.sku}\``),
    ].join('\n'),
  attributes: (order) => [{ key: CustomerId, value: order.customerId }],
});

/** The milestone of an order whose stock is reserved and whose payment is authorised. */
export const ACCEPTED = 'accepted';

/** From this total on, a person reviews the order before it is shipped. */
export const REVIEW_FROM: Money = { amount: 500_00, currency: 'EUR' };
/** An order that nobody reviewed in this time is refused. */
export const REVIEW_WITHIN_HOURS = 24;

/** Why a review was rejected, or ended its order. */
export type ReviewErrorCode =
  'REVIEW_INVALID' | 'REVIEW_NOT_PENDING' | 'REVIEW_DECLINED' | 'REVIEW_TIMED_OUT';

export interface Review {
  readonly decision: 'approve' | 'decline';
  /** Who decides. Kept in the history. */
  readonly actor: string;
  readonly note?: string;
}

/** Decides a large order that waits for its review; rejected with `REVIEW_NOT_PENDING` when it does not wait, `REVIEW_INVALID` when it is none. */
export const reviewOrder = defineUpdate<Review, [Review]>('reviewOrder');
