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

/** An order where only its id and its country matter. */
export function someOrder(orderId: string, country: string): Order {
  return { orderId, customer: 'customer-1', sku: 'sku-1', quantity: 1, amount: 1_000, country };
}

export interface Done {
  readonly orderId: string;
  readonly at: string;
}

/** The business steps, in order, by the table that each changes. */
export const tables = ['orders', 'reservations', 'payments', 'shipments'] as const;
export type Table = (typeof tables)[number];
