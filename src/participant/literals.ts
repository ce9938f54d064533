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
  return statements.map(({ text, values }) => (values ? filledIn(text, values) : text)).join('; ');
}

/** Texts cut at their `$1`…: the pieces, and between two of them the number of the value there. */
const cutTexts = new Map<string, readonly string[]>();

function filledIn(text: string, values: NonNullable<Statement['values']>): string {
  let cut = cutTexts.get(text);
  if (!cut) cutTexts.set(text, (cut = text.split(/\$(\d+)/)));
  return cut.map((piece, at) => (at % 2 === 0 ? piece : literal(values[Number(piece) - 1]))).join('');
}

/** @throws RangeError for what is no number in SQL. */
function literal(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return 'NULL';
  // The driver's function takes a text character by character, and most need no escapes.
  if (typeof value === 'string') return /['\\]/.test(value) ? escapeLiteral(value) : `'${value}'`;
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no number in SQL`);
  return `(${value})`;
}
