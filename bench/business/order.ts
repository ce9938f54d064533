/** What a contender is asked to fulfil. */
export interface Order {
  readonly orderId: string;
  readonly customer: string;
  readonly sku: string;
  readonly quantity: number;
  readonly amount: number;
  /** Two letters. {@link UNSERVED} is served by no carrier, so an order to it is compensated. */
  readonly country: string;
}

/** The country to which nothing is shipped. */
export const UNSERVED = 'AQ';
/** The code by which shipping refuses it. */
export const UNDELIVERABLE = 'UNDELIVERABLE';

export interface Done {
  readonly orderId: string;
  readonly at: string;
}

/** The business steps, in order, by the table that each changes. */
export const tables = ['orders', 'reservations', 'payments', 'shipments'] as const;
export type Table = (typeof tables)[number];
