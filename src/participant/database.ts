import { isRolledBack } from './connection-state';
import type { Connection, ConnectionOptions, ConnectionPool } from './connections';
import { Connections, openPool } from './connections';
import { ANSWER_GRACE_MS, OpenTransaction } from './open-transaction';
import type { Transaction } from './transaction';

/** A participant's database. */
export interface Database extends Transaction {
  /**
   * Runs `work` in one READ COMMITTED transaction, which begins with its first statement: committed when it resolves,
   * rolled back when it throws. After a deadlock or a serialization failure `work` runs again, up to three times in all:
   * what it does besides `tx` must bear that. A connection that is broken, or whose server takes no writes, is never used
   * again (B10).
   *
   * @param deadline epoch milliseconds at which the attempt is given up by its caller. Each statement's
   * timeout is shorter than the time left until then, and never longer than `maxStatementMs` (B7).
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>, deadline?: number): Promise<Result>;
  /** Waits for what is running, then closes every connection. */
  close(): Promise<void>;
}

/** How a participant's database is used. */
export interface DatabaseOptions extends ConnectionOptions {
  /**
   * Whether statements with values are prepared once per connection. Their values are never part of their text then, and
   * each takes a round trip; by default the barrier's first and last statement, with their values, go with BEGIN and
   * COMMIT. Behind a pooler that hands out connections per transaction, only if it keeps track of them (PgBouncer 1.21:
   * `max_prepared_statements`).
   * Default false.
   */
  readonly preparedStatements?: boolean;
}

/** Attempts at one transaction that Postgres rolled back, before it is left to the activity's retry. */
const MAX_ATTEMPTS = 3;

/**
 * Opens a pool; connects at the first use. Nothing is kept in a session (no setting, no lock, by default no prepared
 * statement), so a pooler that hands out connections per transaction may stand between.
 */
export function openDatabase(options: DatabaseOptions): Database {
  return databaseOn(openPool(options), options);
}

type TransactionOptions = Pick<DatabaseOptions, 'maxStatementMs' | 'preparedStatements' | 'onError'>;

/** Where a simulated database has its clock. A symbol, so that whoever wraps a database by copying it keeps that. */
const CLOCK = Symbol('clock');

/** The clock by which a database's deadlines are, in epoch milliseconds: the machine's, unless it is simulated. */
export function clockOf(database: Database & { readonly [CLOCK]?: () => number }): () => number {
  return database[CLOCK] ?? (() => Date.now());
}

/** A database over a pool. @param now the clock that the pool's server and the deadlines go by. */
export function databaseOn(
  pool: ConnectionPool,
  options: TransactionOptions,
  now: () => number = () => Date.now(),
): Database & { readonly [CLOCK]: () => number } {
  const connections = new Connections(pool, options.onError);
  const transaction: Database['transaction'] = async (work, deadline) => {
    const limit = () => statementLimit(options.maxStatementMs, deadline, now);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const connection = await connections.acquire();
        return await inTransaction(connection, work, options, limit);
      } catch (error) {
        // Only what Postgres said it rolled back is tried again, so no effect can be doubled. A COMMIT whose answer was
        // lost is another error, and no one knows here: the caller's retry asks the barrier's row.
        const isOver = deadline !== undefined && now() >= deadline;
        if (!isRolledBack(error) || isOver || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  };
  return {
    [CLOCK]: now,
    // Outside of a transaction only a session could hold the limit.
    query: (text, values) => transaction((tx) => tx.query(text, values)),
    transaction,
    close: () => connections.close(),
  };
}

async function inTransaction<Result>(
  connection: Connection,
  work: (tx: Transaction) => Promise<Result>,
  { preparedStatements = false }: TransactionOptions,
  limit: () => number,
): Promise<Result> {
  try {
    const tx = new OpenTransaction(connection, limit, preparedStatements);
    const result = await work(tx);
    await tx.commit();
    return result;
  } catch (error) {
    await connection.rollBack(ANSWER_GRACE_MS);
    throw error;
  } finally {
    connection.release();
  }
}

/**
 * Below the time that is left, so that the server gives up before the caller does and can still say so.
 * Taken after a connection was waited for, because that wait counts too.
 */
function statementLimit(maxStatementMs: number, deadline: number | undefined, now: () => number): number {
  if (deadline === undefined) return maxStatementMs;
  const left = deadline - now();
  const limit = Math.min(maxStatementMs, Math.floor(left * 0.9));
  if (limit < 1) throw new Error(`No transaction is begun without time to end it: ${left} ms are left`);
  return limit;
}
