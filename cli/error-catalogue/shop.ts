import type { ShopErrorCode, ShopRefusalCode } from '../../services/error-codes';
import type { ReviewErrorCode } from '../../services/order/fulfilment';
import type { ErrorEntry } from '../../src/errors';

export const shopRefusals: Record<ShopRefusalCode, ErrorEntry> = {
  UNKNOWN_PRODUCT: {
    from: 'order',
    meaning: 'A line names a product that is not in the catalogue.',
    again: 'no',
    todo: 'Order what there is.',
  },
  MIXED_CURRENCIES: {
    from: 'order',
    meaning: 'The products of the order are sold in different currencies.',
    again: 'no',
    todo: 'Make it one order for each currency.',
  },
  ORDER_EXISTS: {
    from: 'order',
    meaning: 'The order id was used before.',
    again: 'no',
    todo: 'Use another one.',
  },
  CARD_DECLINED: {
    from: 'payment',
    meaning: 'The card is unknown, blocked, expired, someone else’s, or has no account in this currency.',
    again: 'no',
    todo: 'Order anew with another card.',
  },
  INSUFFICIENT_FUNDS: {
    from: 'payment',
    meaning: 'The customer has less than the total.',
    again: 'no',
    todo: 'Order anew with other means.',
  },
  AUTHORISATION_EXPIRED: {
    from: 'payment',
    meaning: 'The authorisation was not captured in time.',
    again: 'no',
    todo: 'Order anew.',
  },
  OUT_OF_STOCK: {
    from: 'inventory',
    meaning: 'There is less on hand of a product than is ordered.',
    again: 'no',
    todo: 'Order less, or later, as a new order.',
  },
  UNDELIVERABLE: {
    from: 'shipping',
    meaning: 'No carrier serves the country.',
    again: 'no',
    todo: 'Order anew to another address.',
  },
};

export const reviewErrors: Record<ReviewErrorCode, ErrorEntry> = {
  REVIEW_INVALID: {
    from: 'the review of an order',
    meaning: 'Something is missing in the review or of the wrong form. Nothing was changed.',
    again: 'no',
    todo: 'The message says what; review again.',
  },
  REVIEW_NOT_PENDING: {
    from: 'the review of an order',
    meaning: 'The order waits for no review, not yet or not any more.',
    again: 'caller',
    todo: 'Look at its report.',
  },
  REVIEW_DECLINED: {
    from: 'an order, as its reason',
    meaning: 'A person declined the order.',
    again: 'no',
    todo: 'Nothing: it is undone.',
  },
  REVIEW_TIMED_OUT: {
    from: 'an order, as its reason',
    meaning: 'Nobody reviewed the order in time.',
    again: 'no',
    todo: 'Order anew, and review it.',
  },
};

export const shopErrors: Record<ShopErrorCode, ErrorEntry> = {
  FORBIDDEN_TRANSITION: {
    from: 'every service',
    meaning:
      'What was asked does not fit the state of the record, such as to ship what was released. Nothing was changed.',
    again: 'no',
    todo: 'Find out who changed the record beside the saga; then decide at the desk.',
  },
  AMOUNT_MISMATCH: {
    from: 'payment',
    meaning: 'What is to be captured is not what was authorised. Nothing was changed.',
    again: 'no',
    todo: 'Find out why the saga asks for another amount; then decide at the desk.',
  },
};
