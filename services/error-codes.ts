/** Why a service of the shop says no: nothing happened. What each code means stands in docs/errors.md. */
export type ShopRefusalCode =
  | 'UNKNOWN_PRODUCT'
  | 'MIXED_CURRENCIES'
  | 'ORDER_EXISTS'
  | 'CARD_DECLINED'
  | 'INSUFFICIENT_FUNDS'
  | 'AUTHORISATION_EXPIRED'
  | 'OUT_OF_STOCK'
  | 'UNDELIVERABLE';

/** What should not have been asked of a service, as its records stand. */
export type ShopErrorCode = 'FORBIDDEN_TRANSITION' | 'AMOUNT_MISMATCH';

/** Why the services' databases could not be set up. */
export type ProvisionErrorCode = 'ADMIN_PASSWORD_MISSING' | 'MIGRATION_CHANGED';
