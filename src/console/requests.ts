import { z } from 'zod';
import { bulkVerbs, sagaStates } from '../client';
import { ConsoleError } from './console-error';

/* What the console takes, checked before anything happens. */

const text = z.string().trim().min(1).max(2_000);
const workflow = z
  .string()
  .max(1_000)
  // It goes into a list filter, between quotes.
  .regex(/^[^'"\\]+$/);

export const filterQuery = z.strictObject({
  workflow: workflow.exactOptional(),
  state: z.enum(sagaStates).exactOptional(),
  where: text.exactOptional(),
});

export const listQuery = filterQuery.extend({ cursor: z.string().max(10_000).exactOptional() });
export const overviewQuery = filterQuery.omit({ state: true });

const signature = z.strictObject({ actor: text, reason: text, ticket: text.exactOptional() });

export const act = signature.extend({
  verb: z.enum(bulkVerbs),
  step: text.exactOptional(),
  input: z.json().exactOptional(),
  output: z.json().exactOptional(),
});

export const newBatch = signature.extend({
  verb: z.enum(bulkVerbs),
  step: text.exactOptional(),
  filter: filterQuery,
  perSecond: z.number().positive().max(100).exactOptional(),
  max: z.number().int().positive().max(100_000).exactOptional(),
});

export const login = z.strictObject({ token: z.string() });

/** @throws ConsoleError `REQUEST_INVALID` */
export function parsed<T>(schema: z.ZodType<T>, value: unknown): T {
  const { success, data, error } = schema.safeParse(value);
  if (!success) throw new ConsoleError('REQUEST_INVALID', z.prettifyError(error));
  return data;
}
