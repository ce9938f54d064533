import { condition, setHandler } from '@temporalio/workflow';
import { refusal } from '../src/saga';
import { type Review, REVIEW_FROM, REVIEW_WITHIN_HOURS, reviewOrder } from '../src/services/order/fulfilment';
import type { Money } from '../src/services/money';

/** Whether an order of this total waits for a person. */
export function needsReview(total: Money): boolean {
  return total.currency !== REVIEW_FROM.currency || total.amount >= REVIEW_FROM.amount;
}

/**
 * Accepts the review of this workflow's order, from the moment it waits for one. Call it at the workflow's
 * start; the function it returns waits for the decision.
 * @returns waits until the order is approved; throws a refusal `REVIEW_DECLINED` or `REVIEW_TIMED_OUT`.
 */
export function acceptReview(): () => Promise<Review> {
  let waiting = false;
  let review: Review | undefined;

  setHandler(
    reviewOrder,
    (decided) => {
      review = decided;
      return decided;
    },
    {
      description: 'Approve or decline an order that waits for its review',
      validator: (decided: Partial<Review> | undefined) => {
        if (decided?.decision !== 'approve' && decided?.decision !== 'decline') {
          throw refusal('INVALID_INPUT', 'decision must be approve or decline');
        }
        if (typeof decided.actor !== 'string' || decided.actor.trim() === '') {
          throw refusal('INVALID_INPUT', 'actor must say who decides');
        }
        if (!waiting || review) {
          throw refusal(
            'REVIEW_NOT_PENDING',
            review ? `already decided by ${review.actor}` : 'the order waits for no review',
          );
        }
      },
    },
  );

  return async () => {
    waiting = true;
    await condition(() => review !== undefined, `${REVIEW_WITHIN_HOURS} hours`, {
      summary: 'time left for the review',
    });
    waiting = false;
    if (!review)
      throw refusal('REVIEW_TIMED_OUT', `nobody reviewed the order within ${REVIEW_WITHIN_HOURS} hours`);
    if (review.decision === 'decline') {
      throw refusal('REVIEW_DECLINED', `declined by ${review.actor}${review.note ? `: ${review.note}` : ''}`);
    }
    return review;
  };
}
