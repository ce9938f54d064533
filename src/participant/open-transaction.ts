import { createHash } from 'node:crypto';
import type { QueryConfig } from 'pg';
import type { Connection, QueryAnswer, TimedQuery } from './connections';
import { type Statement, written } from './literals';
import type { FramedTransaction, Transaction } from './transaction';

/** The server's own limit fires first; the driver's comes this much later, for a server that no longer answers at all. */
export const ANSWER_GRACE_MS = 1_000;

/** A READ COMMITTED transaction on a connection. */
export class OpenTransaction implements FramedTransaction {
  private begun: Promise<unknown> | undefined;
  private ms = 0;
  private isOver = false;

  /**
   * @param limit for a statement that is sent now, in milliseconds.
   * @param preparesStatements see {@link DatabaseOptions.preparedStatements}.
   */
  constructor(
    private readonly connection: Connection,
    private readonly limit: () => number,
    private readonly preparesStatements: boolean,
  ) {}

  /** One round trip, and a pooler stays on the same server connection from its first statement on. */
  private begin(): Promise<unknown> {
    return (this.begun ??= this.open([]));
  }

  readonly query: Transaction['query'] = async <Row>(text: string, values?: readonly unknown[]) => {
    this.requireOpen();
    await this.begin();
    const [answer] = await this.send(statement(text, values, this.preparesStatements));
    return rowsOf<Row>(answer);
  };

  readonly first: FramedTransaction['first'] = async <Row>(text: string, values: Statement['values']) => {
    if (this.begun || this.preparesStatements) return await this.query<Row>(text, values);
    const opened = this.open([{ text, values }]);
    this.begun = opened;
    return rowsOf<Row>((await opened).at(-1));
  };

  readonly last: FramedTransaction['last'] = async <Row>(text: string, values: Statement['values']) => {
    if (this.preparesStatements) {
      const rows = await this.query<Row>(text, values);
      await this.commit();
      return rows;
    }
    this.requireOpen();
    await this.begin();
    const [answer] = await this.close([{ text, values }]);
    return rowsOf<Row>(answer);
  };

  /** @throws Error where Postgres has rolled back instead. */
  async commit(): Promise<void> {
    if (!this.isOver && this.begun) await this.close([]);
  }

  private async open(statements: readonly Statement[]) {
    this.ms = this.limit();
    const answers = await this.sendTogether([
      { text: 'BEGIN ISOLATION LEVEL READ COMMITTED' },
      ...limitsOf(this.ms),
      ...statements,
    ]);
    const left = this.limit();
    // A pooler may have let the BEGIN wait for a server connection.
    if (left < this.ms * 0.9) await this.sendTogether(limitsOf((this.ms = left)));
    return answers;
  }

  private async close(statements: readonly Statement[]) {
    this.isOver = true;
    const answers = await this.sendTogether([...statements, { text: 'COMMIT' }]);
    // Postgres answers the COMMIT of a failed transaction with ROLLBACK, and with no error.
    if (answers.at(-1)?.command !== 'COMMIT')
      throw new Error('A statement failed and its error was swallowed, so the transaction was rolled back');
    return answers;
  }

  private sendTogether(statements: readonly Statement[]) {
    return this.send({ text: written(statements), statements });
  }

  private send(query: Omit<TimedQuery, 'query_timeout'>) {
    return this.connection.send({ ...query, query_timeout: this.ms + ANSWER_GRACE_MS });
  }

  private requireOpen(): void {
    if (this.isOver) throw new Error('The transaction is over');
  }
}

/** @throws Error where there is none. */
function rowsOf<Row>(answer: QueryAnswer | undefined): Row[] {
  if (!answer) throw new Error('a query was answered by nothing');
  return answer.rows as Row[];
}

/** End with the transaction, so they hold for nobody else. */
function limitsOf(ms: number): Statement[] {
  return [
    { text: `SET LOCAL statement_timeout = ${ms}` },
    { text: `SET LOCAL idle_in_transaction_session_timeout = ${ms}` },
  ];
}

/**
 * The name of a prepared statement is a hash of its text: whichever process prepared it, on whichever server connection,
 * the same name is the same statement. Postgres cuts names at 63 bytes, so the text itself is none.
 */
function statement(text: string, values: readonly unknown[] | undefined, prepared: boolean): QueryConfig {
  if (values === undefined) return { text };
  const query = { text, values: [...values] };
  return prepared ? { ...query, name: createHash('sha256').update(text).digest('base64url') } : query;
}
