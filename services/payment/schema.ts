import { z } from 'zod';
import { money } from '../money';
import { orderId, orderRequest } from '../order/schema';

export const authorisePayment = z.strictObject({
  orderId,
  customerId: orderRequest.shape.customerId,
  card: orderRequest.shape.card,
  total: money.refine(({ amount }) => amount > 0, 'must be more than nothing'),
});

export const authorisation = z.strictObject({ authorisationId: z.uuid(), orderId, total: money });

export const capturePayment = authorisation;

export const capture = z.strictObject({ captureId: z.uuid(), orderId, total: money });
