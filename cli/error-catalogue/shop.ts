import type { ShopErrorCode, ShopRefusalCode } from '../../services/error-codes';
import type { ReviewErrorCode } from '../../services/order/fulfilment';
import type { ErrorEntry } from '../../src/errors';

export const shopRefusals: Record<ShopRefusalCode, ErrorEntry> = {
  UNKNOWN_PRODUCT: {
    from: 'order',
    meaning: 'A line names a product that is not in the catalogue.',
    retriedBy: 'nobody',
    remedy: 'Order what there is.',
  },
  MIXED_CURRENCIES: {
    from: 'order',
    meaning: 'The products of the order are sold in different currencies.',
    retriedBy: 'nobody',
    remedy: 'Make it one order for each currency.',
  },
  ORDER_EXISTS: {
    from: 'order',
    meaning: 'The order id was used before.',
    retriedBy: 'nobody',
    remedy: 'Use another one.',
  },
  CARD_DECLINED: {
    from: 'payment',
    meaning: 'The card is unknown, blocked, expired, someone else’s, or has no account in this currency.',
    retriedBy: 'nobody',
    remedy: 'Order anew with another card.',
  },
  INSUFFICIENT_FUNDS: {
    from: 'payment',
    meaning: 'The customer has less than the total.',
    retriedBy: 'nobody',
    remedy: 'Order anew with other means.',
  },
  AUTHORISATION_EXPIRED: {
    from: 'payment',
    meaning: 'The authorisation was not captured in time.',
    retriedBy: 'nobody',
    remedy: 'Order anew.',
  },
  OUT_OF_STOCK: {
    from: 'inventory',
    meaning: 'There is less on hand of a product than is ordered.',
    retriedBy: 'nobody',
    remedy: 'Order less, or later, as a new order.',
  },
  UNDELIVERABLE: {
    from: 'shipping',
    meaning: 'No carrier serves the country.',
    retriedBy: 'nobody',
    remedy: 'Order anew to another address.',
  },
};

export const reviewErrors: Record<ReviewErrorCode, ErrorEntry> = {
  REVIEW_INVALID: {
    from: 'the review of an order',
    meaning: 'Something is missing in the review or of the wrong form. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'The message says what; review again.',
  },
  REVIEW_NOT_PENDING: {
    from: 'the review of an order',
    meaning: 'The order waits for no review, not yet or not any more.',
    retriedBy: 'caller',
    remedy: 'Look at its report.',
  },
  REVIEW_DECLINED: {
    from: 'an order, as its reason',
    meaning: 'A person declined the order.',
    retriedBy: 'nobody',
    remedy: 'Nothing: it is undone.',
  },
  REVIEW_TIMED_OUT: {
    from: 'an order, as its reason',
    meaning: 'Nobody reviewed the order in time.',
    retriedBy: 'nobody',
    remedy: 'Order anew, and review it.',
  },
};

export const shopErrors: Record<ShopErrorCode, ErrorEntry> = {
  FORBIDDEN_TRANSITION: {
    from: 'every service',
    meaning:
      'What was asked does not fit the state of the record, such as to ship what was released. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Find out who changed the record beside the saga; then decide at the desk.',
  },
  AMOUNT_MISMATCH: {
    from: 'payment',
    meaning: 'What is to be captured is not what was authorised. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Find out why the saga asks for another amount; then decide at the desk.',
  },
};
