import { setHandler } from '@temporalio/workflow';
import { refusal, type Saga } from '../src/saga';
import {
  type Review,
  REVIEW_FROM,
  REVIEW_WITHIN_HOURS,
  type ReviewErrorCode,
  reviewOrder,
} from '../services/order/fulfilment';
import type { Money } from '../services/money';

const reviewRefusal: (code: ReviewErrorCode, message: string) => Error = refusal;

/** In UTF-16 units. */
const MAX_ACTOR = 200;
const MAX_NOTE = 1_000;

/** Whether an order of this total waits for a person. */
export function needsReview(total: Money): boolean {
  return total.currency !== REVIEW_FROM.currency || total.amount >= REVIEW_FROM.amount;
}

/**
 * Accepts the review of this workflow's order, from the moment it waits for one until the saga no longer goes on. Call it at
 * the start of the saga's body; the function it returns waits for the decision.
 * @returns waits until the order is approved; throws a refusal `REVIEW_DECLINED` or `REVIEW_TIMED_OUT`.
 */
export function acceptReview(saga: Pick<Saga, 'isEnding' | 'waitFor'>): () => Promise<Review> {
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
          throw reviewRefusal('REVIEW_INVALID', 'decision must be approve or decline');
        }
        if (!isText(decided.actor, MAX_ACTOR) || decided.actor.trim() === '') {
          throw reviewRefusal(
            'REVIEW_INVALID',
            `actor must say who decides, in 1 to ${MAX_ACTOR} characters`,
          );
        }
        if (decided.note !== undefined && !isText(decided.note, MAX_NOTE)) {
          throw reviewRefusal('REVIEW_INVALID', `note must be a text of at most ${MAX_NOTE} characters`);
        }
        if (review) throw reviewRefusal('REVIEW_NOT_PENDING', `already decided by ${review.actor}`);
        if (!waiting || saga.isEnding)
          throw reviewRefusal('REVIEW_NOT_PENDING', 'the order waits for no review');
      },
    },
  );

  return async () => {
    waiting = true;
    await saga.waitFor('a review', () => review !== undefined, `${REVIEW_WITHIN_HOURS} hours`);
    waiting = false;
    if (!review)
      throw reviewRefusal(
        'REVIEW_TIMED_OUT',
        `nobody reviewed the order within ${REVIEW_WITHIN_HOURS} hours`,
      );
    if (review.decision === 'decline') {
      throw reviewRefusal(
        'REVIEW_DECLINED',
        `declined by ${review.actor}${review.note ? `: ${review.note}` : ''}`,
      );
    }
    return review;
  };
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value.length <= max;
}
