import type { Operation, StepCall } from '../../src/saga/call';
import type { Database, DatabaseOptions, Transaction } from '../../src/participant';
import { barrierTable, openDatabase } from '../../src/participant';
import { createTestDatabase } from '../support/database';
import { until } from '../support/until';

type EffectsOptions = Partial<DatabaseOptions> & {
  readonly through?: (url: string) => string | Promise<string>;
};

/** A participant whose business change is one row in `effects`: +1 for an action, -1 for its compensation. */
export interface EffectsDatabase {
  /** Without anything between. */
  readonly url: string;
  readonly database: Database;
  /** Connections of their own, without anything between. */
  readonly admin: Database;
  /** More handles of the same database; the caller closes them. */
  open(options?: Partial<DatabaseOptions>): Database;
  /** Errors of connections that were lost while idle. */
  readonly lost: Error[];
  drop(): Promise<void>;
}

/** @param options what is to be other than usual; `through` gives the URL by which the database is reached. */
export async function openEffectsDatabase(
  name: string,
  { through = (url) => url, ...options }: EffectsOptions = {},
): Promise<EffectsDatabase> {
  const created = await createTestDatabase(name);
  const lost: Error[] = [];
  const open = (more: Partial<DatabaseOptions> = {}) =>
    openDatabase({
      poolSize: 10,
      maxStatementMs: 20_000,
      applicationName: name,
      onError: (error) => lost.push(error),
      ...options,
      ...more,
      url: more.url ?? created.url,
    });
  const admin = open({ applicationName: 'admin' });
  await admin.query(barrierTable);
  await admin.query('CREATE TABLE effects (saga_id text NOT NULL, delta integer NOT NULL)');
  const database = open({ url: await through(created.url) });
  const drop = async () => {
    await Promise.all([database.close(), admin.close()]);
    await created.drop();
  };
  return { url: created.url, database, admin, open, lost, drop };
}

export function callOf(sagaId: string, op: Operation, step = 'reserve', namespace = 'shop'): StepCall {
  return { namespace, sagaId, step, op, key: `${namespace}/${sagaId}/${step}/${op}` };
}

/** The business change of an action (`+1`) or its compensation (`-1`). */
export async function change(tx: Transaction, sagaId: string, delta: 1 | -1): Promise<void> {
  await tx.query('INSERT INTO effects (saga_id, delta) VALUES ($1, $2)', [sagaId, delta]);
}

/** All changes that were committed for a saga, in no order. */
export async function changesOf(database: Database, sagaId: string): Promise<number[]> {
  const rows = await database.query<{ delta: number }>(
    'SELECT delta FROM effects WHERE saga_id = $1 ORDER BY delta DESC',
    [sagaId],
  );
  return rows.map((row) => row.delta);
}

/** The barrier's rows of a saga, as `op state`. */
export async function rowsOf(database: Database, sagaId: string): Promise<string[]> {
  const rows = await database.query<{ row: string }>(
    `SELECT op || ' ' || state AS row FROM saga_barrier WHERE saga_id = $1 ORDER BY op`,
    [sagaId],
  );
  return rows.map(({ row }) => row);
}

/** Waits until this many sessions of the database wait for another one's transaction. */
export async function untilWaiting(database: Database, sessions: number): Promise<void> {
  await until(`${sessions} sessions wait for a lock`, async () => {
    const rows = await database.query(
      `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    return rows.length === sessions;
  });
}

/** A point at which a business function stops until the test lets it go on. */
export class Gate {
  readonly reached: Promise<void>;
  open!: () => void;
  private arrive!: () => void;
  private readonly opened: Promise<void>;

  constructor() {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.opened = new Promise((resolve) => (this.open = resolve));
  }

  async pass(): Promise<void> {
    this.arrive();
    await this.opened;
  }
}
