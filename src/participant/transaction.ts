import type { Statement } from './literals';

/** Where SQL runs: inside one transaction, or each statement in one of its own. */
export interface Transaction {
  /**
   * Runs one statement and returns its rows; `bigint` columns arrive as numbers.
   * @param text constant text with `$1`…: see `preparedStatements` of the database.
   * @throws DatabaseError of `pg` with its SQLSTATE; {@link DatabaseUnavailable} when there was no answer.
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/**
 * A transaction whose first and last statement go together with BEGIN and with COMMIT, each pair in one round trip. Such a statement is
 * constant, and its values are texts or numbers. Where statements are prepared, each goes by itself.
 */
export interface FramedTransaction extends Transaction {
  /** The first statement. Once the transaction has begun, the same as `query`. */
  first<Row>(text: string, values: Statement['values']): Promise<Row[]>;
  /** The last one: when it returns, the transaction is committed. */
  last<Row>(text: string, values: Statement['values']): Promise<Row[]>;
}

/** A transaction of whoever has wrapped a database has no frame: there its BEGIN and its COMMIT come by themselves. */
export function framed(tx: Transaction): FramedTransaction {
  if ('first' in tx && 'last' in tx) return tx as FramedTransaction;
  const query: FramedTransaction['first'] = (text, values) => tx.query(text, values);
  return { query, first: query, last: query };
}
