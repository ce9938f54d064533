import { escapeLiteral } from 'pg';

/** A statement, and the values of its `$1`…, for what PostgreSQL takes as a literal: text, JSON written as text, numbers. */
export interface Statement {
  readonly text: string;
  readonly values?: readonly (string | number | null | undefined)[] | undefined;
}

/**
 * Statements as one text, with their values in it: several statements in one message take no values beside it. In a text that holds no `$`
 * but those of its values, as each of the barrier's does.
 */
export function written(statements: readonly Statement[]): string {
  return statements
    .map(({ text, values = [] }) =>
      text.replace(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1])),
    )
    .join('; ');
}

/** @throws RangeError for what is no number in SQL. */
function literal(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  if (typeof value === 'string') return escapeLiteral(value);
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no number in SQL`);
  return `(${value})`;
}
