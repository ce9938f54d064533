import type { Transaction } from '../../src/participant';
import { type Review, REVIEW_FROM, REVIEW_WITHIN_HOURS } from '../../services/order/fulfilment';
import type { Money } from '../../services/money';
import { MAX_ATTEMPTS, publish } from './outbox';
import type { Participant } from './participant';
import { receivedOf } from './received-events';

/** The task that ends a review which nobody made. */
export const REVIEW_OVERDUE = 'ReviewOverdue';

/** Whether an order of this total waits for a person. */
export function needsReview(total: Money): boolean {
  return total.currency !== REVIEW_FROM.currency || total.amount >= REVIEW_FROM.amount;
}

type Decision = Review['decision'] | 'overdue';

/**
 * Decides a review once: a person, or the time that has passed. The first decision is kept.
 * @returns the decision that holds.
 */
async function decide(
  order: Participant,
  orderId: string,
  decision: Decision,
  actor: string,
): Promise<Decision> {
  const decided = await order.act({ orderId, name: 'review-order' }, { orderId }, async (tx) => {
    const reason = decision === 'decline' ? 'REVIEW_DECLINED' : 'REVIEW_TIMED_OUT';
    if (decision === 'approve') await publish(tx, { type: 'ReviewApproved', orderId, data: { actor } });
    else await publish(tx, { type: 'ReviewRefused', orderId, data: { reason } });
    return decision;
  });
  if (decided === undefined) throw new Error(`${orderId}: a review is never undone`);
  return decided;
}

/** Ends the review in time if nobody makes it. */
export async function scheduleOverdue(tx: Transaction, orderId: string): Promise<void> {
  await tx.query(
    `SELECT graphile_worker.add_job($1, json_build_object('orderId', $2::text),
       run_at => now() + make_interval(hours => $3), max_attempts => $4, job_key => $5)`,
    [REVIEW_OVERDUE, orderId, REVIEW_WITHIN_HOURS, MAX_ATTEMPTS, `${REVIEW_OVERDUE} ${orderId}`],
  );
}

export async function endOverdueReview(order: Participant, orderId: string): Promise<void> {
  await decide(order, orderId, 'overdue', 'nobody');
}

/** @throws Error when the order waits for no review, or another decision was made before. */
export async function reviewOrder(
  order: Participant,
  orderId: string,
  { decision, actor }: Review,
): Promise<void> {
  const { ReviewAwaited } = await receivedOf(order.database, orderId);
  if (!ReviewAwaited) {
    throw new Error(`REVIEW_NOT_PENDING: order ${orderId} waits for no review`);
  }
  const held = await decide(order, orderId, decision, actor);
  if (held !== decision) throw new Error(`REVIEW_NOT_PENDING: the decision on order ${orderId} was ${held}`);
}
