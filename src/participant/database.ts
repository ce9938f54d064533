import type { PoolClient, PoolConfig, QueryConfig } from 'pg';
import { Pool, TypeOverrides, types } from 'pg';

/** Where SQL runs: inside one transaction, or each statement on its own. */
export interface Transaction {
  /**
   * Runs one statement and returns its rows; `bigint` columns arrive as numbers.
   * @param text constant text with `$1`…: with values it is prepared once per connection, and stays so.
   */
  query<Row>(text: string, values?: readonly unknown[]): Promise<Row[]>;
}

/** A participant's database. */
export interface Database extends Transaction {
  /**
   * Runs `work` in one READ COMMITTED transaction: committed when it resolves, rolled back when it throws.
   *
   * @param deadline epoch milliseconds at which the attempt is given up by its caller. Each statement's
   * timeout is shorter than the time left until then, and never longer than `maxStatementMs` (B7).
   */
  transaction<Result>(work: (tx: Transaction) => Promise<Result>, deadline?: number): Promise<Result>;
  /** Waits for what is running, then closes every connection. */
  close(): Promise<void>;
}

/** How a participant's database is reached, and the bounds of what its pool takes. */
export interface DatabaseOptions {
  readonly url: string;
  /** Connections at most; no fewer than the activities that run at once, or they wait for each other. */
  readonly poolSize: number;
  /** Upper limit in milliseconds for one statement, for a pause inside a transaction, and for connecting. */
  readonly maxStatementMs: number;
  /** Shown in `pg_stat_activity`. */
  readonly applicationName: string;
  /** Told of connections lost while idle, which fail no call and so would go unnoticed. */
  readonly onError: (error: Error) => void;
}

/** Opens a pool; connects at the first use. */
export function openDatabase(options: DatabaseOptions): Database {
  const pool = new Pool(poolConfig(options));
  pool.on('error', options.onError);
  return {
    query: async <Row>(text: string, values?: readonly unknown[]) =>
      (await pool.query(statement(text, values))).rows as Row[],
    transaction: async (work, deadline) => {
      const client = await pool.connect();
      return inTransaction(client, work, () => statementLimit(options.maxStatementMs, deadline));
    },
    close: () => pool.end(),
  };
}

function poolConfig(options: DatabaseOptions): PoolConfig {
  return {
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.maxStatementMs,
    statement_timeout: options.maxStatementMs,
    // The server's own limit fires first; this one is for a server that no longer answers at all.
    query_timeout: options.maxStatementMs + 1_000,
    keepAlive: true,
    types: numbersForBigints(),
  };
}

async function inTransaction<Result>(
  client: PoolClient,
  work: (tx: Transaction) => Promise<Result>,
  limit: () => number,
): Promise<Result> {
  // Without a listener a connection lost between two statements would end the process; the next statement fails anyway.
  const ignore = () => undefined;
  client.on('error', ignore);
  let broken = false;
  try {
    const ms = limit();
    await client.query(
      `BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL statement_timeout = ${ms}; ` +
        `SET LOCAL idle_in_transaction_session_timeout = ${ms}`,
    );
    const result = await work({
      query: async <Row>(text: string, values?: readonly unknown[]) =>
        (await client.query(statement(text, values))).rows as Row[],
    });
    const { command } = await client.query('COMMIT');
    // Postgres answers the COMMIT of a failed transaction with ROLLBACK, and with no error.
    if (command !== 'COMMIT') {
      throw new Error('A statement failed and its error was swallowed, so the transaction was rolled back');
    }
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {
      broken = true;
    });
    throw error;
  } finally {
    client.off('error', ignore);
    client.release(broken);
  }
}

const statementNames = new Map<string, string>();

/** Preparing halves the cost of a small statement; Postgres cuts names at 63 bytes, so the text itself is none. */
function statement(text: string, values?: readonly unknown[]): QueryConfig {
  if (values === undefined) return { text };
  let name = statementNames.get(text);
  if (name === undefined) statementNames.set(text, (name = `s${statementNames.size}`));
  return { name, text, values: [...values] };
}

/**
 * Below the time that is left, so that the server gives up before the caller does and can still say so.
 * Taken after a connection was waited for, because that wait counts too.
 */
function statementLimit(maxStatementMs: number, deadline: number | undefined): number {
  if (deadline === undefined) return maxStatementMs;
  const left = deadline - Date.now();
  const limit = Math.min(maxStatementMs, Math.floor(left * 0.9));
  if (limit < 1) throw new Error(`No transaction is begun without time to end it: ${left} ms are left`);
  return limit;
}

function numbersForBigints(): TypeOverrides {
  const overrides = new TypeOverrides();
  overrides.setTypeParser(types.builtins.INT8, (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw new RangeError(`A bigint must fit a safe integer, got ${text}`);
    return value;
  });
  return overrides;
}
