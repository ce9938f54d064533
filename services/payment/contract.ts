import type { z } from 'zod';
import type { Action, Compensation } from '../../src/saga';
import type { ShopRefusalCode } from '../error-codes';
import type * as schema from './schema';

export type AuthorisePayment = z.infer<typeof schema.authorisePayment>;
export type Authorisation = z.infer<typeof schema.authorisation>;
export type CapturePayment = z.infer<typeof schema.capturePayment>;
export type Capture = z.infer<typeof schema.capture>;

export const paymentService = { name: 'payment', taskQueue: 'payment' } as const;

export const authoriseRefusals = [
  'CARD_DECLINED',
  'INSUFFICIENT_FUNDS',
] as const satisfies readonly ShopRefusalCode[];
export const captureRefusals = ['AUTHORISATION_EXPIRED'] as const satisfies readonly ShopRefusalCode[];

export type PaymentActivities = {
  /** Holds the total on the customer's account. Refusals: {@link authoriseRefusals}. */
  authorisePayment: Action<AuthorisePayment, Authorisation>;
  /** Gives the hold back. */
  voidPayment: Compensation<AuthorisePayment, Authorisation>;
  /** Turns the hold into a charge. Refusals: {@link captureRefusals}. */
  capturePayment: Action<CapturePayment, Capture>;
  /** Gives the charge back. */
  refundPayment: Compensation<CapturePayment, Capture>;
};
