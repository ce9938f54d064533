import type { RemainingRecord, UndoneRecord } from '../saga/call';
import type { Database } from './database';

/**
 * Reads what the barrier's rows of one participant say about the sagas of a namespace, for a rescue and for the audit.
 * Changes nothing.
 */
export class RecordsReader {
  /** @param participant what people are shown. */
  constructor(
    readonly participant: string,
    private readonly database: Database,
  ) {}

  /** The actions of these sagas that were done and not undone, in any order; without read-only ones. */
  async remaining(namespace: string, sagaIds: readonly string[]): Promise<RemainingRecord[]> {
    const rows = await this.database.query<Nullable<RemainingRecord>>(
      `SELECT saga_id AS "sagaId", step, kind, compensation, began, task_queue AS "taskQueue",
              start_to_close_ms AS "startToCloseMs", input, result AS output,
              floor(extract(epoch FROM created_at) * 1000)::bigint AS at
       FROM saga_barrier AS did
       WHERE namespace = $1 AND saga_id = ANY ($2) AND ${REMAINS}`,
      [namespace, sagaIds],
    );
    return rows.map((row) => withoutNulls(row));
  }

  /** What was done and undone of these sagas, in no order. */
  async undone(namespace: string, sagaIds: readonly string[]): Promise<UndoneRecord[]> {
    return await this.database.query<UndoneRecord>(
      `SELECT saga_id AS "sagaId", step FROM saga_barrier AS did
       WHERE namespace = $1 AND saga_id = ANY ($2) AND ${DONE} AND EXISTS (${UNDO_OF_DID})`,
      [namespace, sagaIds],
    );
  }

  /**
   * The ids of all sagas of the namespace of which an effect remains, page by page in the order of the ids; a page may be empty. Each
   * page is one statement that reads this many sagas through the primary key, however many there are; whatever is
   * written meanwhile, a saga that is there throughout is given exactly once.
   * @param pageSize sagas looked at for one page.
   */
  sagaIds(namespace: string, pageSize = 500): AsyncGenerator<readonly string[]> {
    return this.pages(namespace, `op = 'do' AND state = 'done'`, REMAINS, pageSize);
  }

  /** The ids of all sagas of the namespace of which something was done and undone, as {@link sagaIds} gives them. */
  undoneSagaIds(namespace: string, pageSize = 500): AsyncGenerator<readonly string[]> {
    return this.pages(namespace, `op = 'undo'`, `${DONE} AND EXISTS (${UNDO_OF_DID})`, pageSize);
  }

  private async *pages(
    namespace: string,
    candidates: string,
    wanted: string,
    pageSize: number,
  ): AsyncGenerator<readonly string[]> {
    let after = '';
    for (;;) {
      const page = await this.database.query<{ sagaId: string; isWanted: boolean }>(
        `SELECT saga_id AS "sagaId",
                EXISTS (SELECT FROM saga_barrier AS did
                        WHERE namespace = $1 AND saga_id = page.saga_id AND ${wanted}) AS "isWanted"
         FROM (SELECT DISTINCT saga_id FROM saga_barrier
               WHERE namespace = $1 AND ${candidates} AND saga_id > $2
               ORDER BY saga_id LIMIT $3) AS page
         ORDER BY saga_id`,
        [namespace, after, pageSize],
      );
      const last = page.at(-1);
      if (!last) return;
      yield page.filter(({ isWanted }) => isWanted).map(({ sagaId }) => sagaId);
      after = last.sagaId;
    }
  }
}

const DONE = `op = 'do' AND state = 'done' AND kind IS DISTINCT FROM 'read-only'`;
const UNDO_OF_DID = `
  SELECT FROM saga_barrier AS undid
  WHERE undid.namespace = did.namespace AND undid.saga_id = did.saga_id AND undid.step = did.step AND undid.op = 'undo'`;
const REMAINS = `${DONE} AND NOT EXISTS (${UNDO_OF_DID})`;

type Nullable<T> = { readonly [Key in keyof T]: T[Key] | null };

/** Input and output may be null, and are none of what a caller did not say. */
function withoutNulls({ input, output, ...row }: Nullable<RemainingRecord>): RemainingRecord {
  const said = Object.entries(row).filter(([, value]) => value !== null);
  return { ...Object.fromEntries(said), input, output } as RemainingRecord;
}
