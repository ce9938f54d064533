import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { SetupError } from '../../src/worker';
import type { OrderRequest } from '../../services/order/contract';
import { orderRequest } from '../../services/order/schema';

/**
 * Reads one order.
 * @throws SetupError `INVALID_ORDERS`, with all problems.
 */
export function readOrder(path: string): OrderRequest {
  return readJson(path, orderRequest, 'is not an order');
}

/**
 * Reads a JSON file and checks it against a schema.
 * @param otherwise the end of the message "FILE …".
 * @throws SetupError `INVALID_ORDERS`, with the problems.
 */
export function readJson<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  otherwise: string,
): z.output<Schema> {
  const parsed = schema.safeParse(parse(path));
  if (parsed.success) return parsed.data;
  const { issues } = parsed.error;
  const problems = issues
    .slice(0, MAX_PROBLEMS)
    .map((issue) =>
      `${issue.path.join('.') || '(top)'}: ${issue.message}`.slice(0, MAX_PROBLEM_LENGTH).toWellFormed(),
    );
  if (issues.length > MAX_PROBLEMS) problems.push(`and ${issues.length - MAX_PROBLEMS} more`);
  throw invalid(`${path} ${otherwise}:\n  - ${problems.join('\n  - ')}`);
}

/** Enough for a person to begin with. */
const MAX_PROBLEMS = 20;
const MAX_PROBLEM_LENGTH = 300;

function parse(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw invalid(`${path} cannot be read: ${(error as Error).message}`, error);
  }
}

function invalid(message: string, cause?: unknown): SetupError {
  return new SetupError('INVALID_ORDERS', message, 'examples/orders/ has examples.', { cause });
}
