import type { ShopErrorCode, ShopRefusalCode } from '../../services/error-codes';
import type { ReviewErrorCode } from '../../services/order/fulfilment';
import type { ErrorEntry } from '../../src/errors';

export const shopRefusals: Record<ShopRefusalCode, ErrorEntry> = {
  UNKNOWN_PRODUCT: {
    from: 'order',
    meaning: 'A line of the order names a product that is not in the catalogue.',
    retriedBy: 'nobody',
    remedy: 'Order products from the catalogue.',
  },
  MIXED_CURRENCIES: {
    from: 'order',
    meaning: 'The products of the order have different currencies.',
    retriedBy: 'nobody',
    remedy: 'Place one order for each currency.',
  },
  ORDER_EXISTS: {
    from: 'order',
    meaning: 'The order id was used before.',
    retriedBy: 'nobody',
    remedy: 'Use another id.',
  },
  CARD_DECLINED: {
    from: 'payment',
    meaning:
      'The card is unknown, blocked or expired, belongs to another customer, or has no account in this currency.',
    retriedBy: 'nobody',
    remedy: 'Place a new order with another card.',
  },
  INSUFFICIENT_FUNDS: {
    from: 'payment',
    meaning: 'The customer’s balance is below the total.',
    retriedBy: 'nobody',
    remedy: 'Place a new order with another means of payment.',
  },
  AUTHORISATION_EXPIRED: {
    from: 'payment',
    meaning: 'The authorisation expired before it was captured.',
    retriedBy: 'nobody',
    remedy: 'Place a new order.',
  },
  OUT_OF_STOCK: {
    from: 'inventory',
    meaning: 'Less of a product is on hand than was ordered.',
    retriedBy: 'nobody',
    remedy: 'Order less, or place a new order later.',
  },
  UNDELIVERABLE: {
    from: 'shipping',
    meaning: 'No carrier serves the country.',
    retriedBy: 'nobody',
    remedy: 'Place a new order with another address.',
  },
};

export const reviewErrors: Record<ReviewErrorCode, ErrorEntry> = {
  REVIEW_INVALID: {
    from: 'the review of an order',
    meaning: 'A field of the review is missing or malformed. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Correct what the message names.',
  },
  REVIEW_NOT_PENDING: {
    from: 'the review of an order',
    meaning: 'The order is not waiting for a review: not yet, or no longer.',
    retriedBy: 'caller',
    remedy: 'Read its report.',
  },
  REVIEW_DECLINED: {
    from: 'an order, as its reason',
    meaning: 'A reviewer declined the order.',
    retriedBy: 'nobody',
    remedy: 'Nothing: the order has been undone.',
  },
  REVIEW_TIMED_OUT: {
    from: 'an order, as its reason',
    meaning: 'Nobody reviewed the order in time.',
    retriedBy: 'nobody',
    remedy: 'Place a new order and review it.',
  },
};

export const shopErrors: Record<ShopErrorCode, ErrorEntry> = {
  FORBIDDEN_TRANSITION: {
    from: 'every service',
    meaning:
      'The state of the record does not allow the operation, such as shipping stock that was released. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Find out who changed the record outside the saga, then intervene.',
  },
  AMOUNT_MISMATCH: {
    from: 'payment',
    meaning: 'The amount to capture is not the amount that was authorised. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Find out why the saga captures another amount, then intervene.',
  },
};
