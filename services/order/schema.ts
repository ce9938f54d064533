import { z } from 'zod';
import { money } from '../money';

/** Postgres cannot store U+0000 in text or jsonb, so no boundary lets it in. */
const identifier = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$/, 'must be 1 to 60 letters, digits, dots, dashes or underscores');

export const orderId = identifier;

export const orderLine = z.strictObject({ sku: identifier, quantity: z.int().min(1).max(10_000) });

export const orderLines = z
  .array(orderLine)
  .min(1)
  .max(100)
  .refine((lines) => new Set(lines.map((line) => line.sku)).size === lines.length, 'names a product twice');

export const shipTo = z.strictObject({
  country: z.string().regex(/^[A-Z]{2}$/, 'must be a two-letter ISO 3166 code'),
  postalCode: z.string().regex(/^[A-Za-z0-9 -]{2,12}$/, 'must be 2 to 12 letters, digits, spaces or dashes'),
});

/** What a client asks for. Names no prices: the order service owns them. */
export const orderRequest = z.strictObject({
  orderId,
  customerId: identifier,
  lines: orderLines,
  shipTo,
  /** A token for the customer's card at the payment service; never a card number. */
  card: identifier,
});

export const openedOrder = z.strictObject({
  orderId,
  total: money,
  lines: z.array(z.strictObject({ ...orderLine.shape, unitPrice: money })),
});

export const confirmOrder = z.strictObject({ orderId });
export const confirmedOrder = z.strictObject({ orderId, confirmedAt: z.iso.datetime() });
