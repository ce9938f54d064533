import { z } from 'zod';

/** An amount in integer minor units (cents): never a fraction, never beyond what JSON keeps exact. */
export const money = z.strictObject({
  amount: z.int().nonnegative(),
  currency: z.string().regex(/^[A-Z]{3}$/, 'must be a three-letter ISO 4217 code'),
});

export type Money = z.infer<typeof money>;
