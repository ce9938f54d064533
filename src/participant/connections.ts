import type { PoolConfig, QueryConfig } from 'pg';
import { DatabaseError, Pool, TypeOverrides, types } from 'pg';
import { type ConnectionState, connectionStateAfter } from './connection-state';
import { DatabaseUnavailable } from './errors';
import type { Statement } from './literals';

/** How a participant's database is reached, and the bounds of what its pool takes. */
export interface ConnectionOptions {
  /** Parameters in it, such as `options`, are sent when connecting: not every pooler takes them. */
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

/**
 * @property query_timeout how long the driver waits for the answer, in milliseconds.
 * @property statements what `text` is written of, where it is several: for a server that knows statements by their texts.
 */
export type TimedQuery = QueryConfig & {
  readonly query_timeout: number;
  readonly statements?: readonly Statement[];
};

/** The answer to a query, as far as it is used. */
export interface QueryAnswer {
  readonly rows: unknown[];
  readonly command: string;
}

/** What is used of a client of `pg` in a pool. */
export interface PooledClient {
  /** Of several statements each has its answer. */
  query(query: TimedQuery): Promise<QueryAnswer | readonly QueryAnswer[]>;
  release(destroy: boolean): void;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
}

/** What is used of a pool of `pg`: below it a server is, or a simulated one. */
export interface ConnectionPool {
  connect(): Promise<PooledClient>;
  end(): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  on(event: 'connect', listener: (client: PooledClient) => void): unknown;
}

/** A pool of `pg`; connects at the first use. */
export function openPool(options: ConnectionOptions): ConnectionPool {
  return new Pool(poolConfig(options));
}

/** A pool that keeps no connection that is broken or leads to a server that takes no writes. */
export class Connections {
  private epoch = 0;
  private readonly epochs = new WeakMap<PooledClient, number>();

  /** @param onError see {@link ConnectionOptions}. */
  constructor(
    private readonly pool: ConnectionPool,
    onError: (error: Error) => void,
  ) {
    pool.on('error', onError);
    pool.on('connect', (client) => this.epochs.set(client, this.epoch));
  }

  /** @throws DatabaseUnavailable, and what Postgres says to one who connects. */
  async acquire(): Promise<Connection> {
    for (;;) {
      const client = await this.pool.connect().catch((error: unknown) => {
        throw unavailable(error);
      });
      // After a failover each of the old connections would fail one attempt, and a step has only a few.
      if (this.epochs.get(client) === this.epoch) return new Connection(client, () => (this.epoch += 1));
      client.release(true);
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

/** One connection while it is in use, for one transaction. */
export class Connection {
  private state: ConnectionState = 'sound';
  private lost: Error | undefined;

  constructor(
    private readonly client: PooledClient,
    private readonly onServerGone: () => void,
  ) {
    client.on('error', this.onLost);
  }

  /**
   * @returns the answer to each statement.
   * @throws DatabaseError of `pg`; DatabaseUnavailable; what the driver cannot send or read.
   */
  async send(query: TimedQuery): Promise<readonly QueryAnswer[]> {
    // The driver itself would only say that the connection cannot be used, not why.
    if (this.lost) throw unavailable(this.lost);
    try {
      const answer = await this.client.query(query);
      return isSeveral(answer) ? answer : [answer];
    } catch (error) {
      const isUnanswered = this.lost !== undefined || (error as Error).message === 'Query read timeout';
      // Noted here, because the caller may swallow the error.
      this.note(isUnanswered ? 'server-gone' : connectionStateAfter(error));
      throw isUnanswered ? unavailable(error) : error;
    }
  }

  /** What cannot be rolled back ends with its connection. */
  async rollBack(withinMs: number): Promise<void> {
    if (this.state !== 'sound') return;
    await this.send({ text: 'ROLLBACK', query_timeout: withinMs }).catch(() => this.note('broken'));
  }

  release(): void {
    this.client.off('error', this.onLost);
    this.client.release(this.state !== 'sound');
  }

  /** Without a listener, a connection that is lost between two statements would end the process. */
  private readonly onLost = (error: Error): void => {
    this.lost ??= error;
    this.note(error instanceof DatabaseError ? connectionStateAfter(error) : 'server-gone');
  };

  private note(state: ConnectionState): void {
    if (state === 'sound' || this.state === 'server-gone') return;
    this.state = state;
    if (state === 'server-gone') this.onServerGone();
  }
}

function isSeveral(answer: QueryAnswer | readonly QueryAnswer[]): answer is readonly QueryAnswer[] {
  return Array.isArray(answer);
}

/** What Postgres said, as it is; anything else says that there was no answer. */
function unavailable(error: unknown): unknown {
  return error instanceof DatabaseError ? error : new DatabaseUnavailable(error);
}

/** Of the session only the name, which every pooler takes: a limit set here would fail, or hold for someone else. */
function poolConfig(options: ConnectionOptions): PoolConfig {
  return {
    connectionString: options.url,
    max: options.poolSize,
    application_name: options.applicationName,
    connectionTimeoutMillis: options.maxStatementMs,
    keepAlive: true,
    types: parseBigintsAsNumbers(),
  };
}

function parseBigintsAsNumbers(): TypeOverrides {
  const overrides = new TypeOverrides();
  overrides.setTypeParser(types.builtins.INT8, (text) => {
    const value = Number(text);
    if (!Number.isSafeInteger(value)) throw new RangeError(`A bigint must fit a safe integer, got ${text}`);
    return value;
  });
  return overrides;
}
