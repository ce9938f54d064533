import { type Database, DatabaseUnavailable, type Transaction } from '../../src/participant';

/** A barrier from which one safeguard was taken out. */
export interface BrokenBarrier {
  readonly name: string;
  readonly rule: string;
  /** What stands between the barrier and its database, and breaks it. */
  readonly between: (database: Database) => Database;
  /** A problem that it leads to. */
  readonly shows: RegExp;
}

type Query = (tx: Transaction, text: string, values: readonly unknown[]) => Promise<unknown[]>;

/** Has the statements of each transaction go through a function. */
function querying(newQuery: (database: Database) => Query): (database: Database) => Database {
  return (database) => ({
    ...database,
    transaction: (work, deadline) => {
      return database.transaction((tx) => {
        const query = newQuery(database);
        return work({
          query: async <Row>(text: string, values: readonly unknown[] = []) =>
            (await query(tx, text, values)) as Row[],
        });
      }, deadline);
    },
  });
}

/** Replaces a part of those statements that have it. */
function replacing(part: string, by: string): (database: Database) => Database {
  return querying(() => (tx, text, values) => tx.query(text.replace(part, by), values));
}

export const brokenBarriers: readonly BrokenBarrier[] = [
  {
    name: 'answers an action that has been undone',
    rule: 'B8',
    between: replacing(`CASE WHEN undid.op IS NULL THEN did.state ELSE 'undone' END AS state`, 'did.state'),
    shows: /B8: .* was answered although|had its effect twice/,
  },
  {
    name: 'does not block an action that has not come yet',
    rule: 'B3',
    // To find nothing is enough for it.
    between: querying(() => async (tx, text, values) => {
      const [namespace, sagaId, step, op, state, input] = values;
      if (!text.startsWith('INSERT INTO saga_barrier') || op !== 'do' || state !== 'blocked')
        return await tx.query(text, values);
      const found = await tx.query(SELECT_ACTION, [namespace, sagaId, step, input]);
      return found.length === 0 ? [{}] : await tx.query(text, values);
    }),
    shows: /it is (cancelled|compensated), and .* remains/,
  },
  {
    name: 'does not lock the row that it finds',
    rule: 'B8',
    between: replacing(
      'ON CONFLICT (namespace, saga_id, step, op) DO UPDATE SET state = known.state WHERE false',
      'ON CONFLICT DO NOTHING',
    ),
    shows: /undo .* had its effect twice/,
  },
  {
    name: 'has its effect outside of the transaction',
    rule: 'B1',
    between: querying(
      (database) => (tx, text, values) =>
        /ledger|account/.test(text) ? database.query(text, values) : tx.query(text, values),
    ),
    shows: /remains|had its effect twice|the balance is/,
  },
];

/** Counts the errors that the barrier gets, by SQLSTATE or code. */
export function recordingErrors(seen: Map<string, number>): (database: Database) => Database {
  const record = (error: unknown): never => {
    const code = (error as { readonly code?: string }).code ?? String(error);
    seen.set(code, (seen.get(code) ?? 0) + 1);
    throw error;
  };
  const recordQueries = querying(() => (tx, text, values) => tx.query(text, values).catch(record));
  return (database) =>
    recordQueries({
      ...database,
      transaction: (work, deadline) => database.transaction(work, deadline).catch(record),
    });
}

/** Runs a transaction again when its COMMIT was not answered (B10): the barrier hides it, other transactions do not. */
export function repeatingUnanswered(database: Database): Database {
  return {
    ...database,
    transaction: async (work, deadline) => {
      try {
        return await database.transaction(work, deadline);
      } catch (error) {
        if (!(error instanceof DatabaseUnavailable)) throw error;
        return await database.transaction(work, deadline);
      }
    },
  };
}

const SELECT_ACTION = `
  SELECT CASE WHEN undid.op IS NULL THEN did.state ELSE 'undone' END AS state, did.input, did.result,
         did.refusal_code AS "refusalCode", did.refusal_message AS "refusalMessage",
         did.input = $4::jsonb AS "sameInput"
  FROM saga_barrier AS did LEFT JOIN saga_barrier AS undid
    ON undid.namespace = did.namespace AND undid.saga_id = did.saga_id AND undid.step = did.step
       AND undid.op = 'undo'
  WHERE did.namespace = $1 AND did.saga_id = $2 AND did.step = $3 AND did.op = 'do'`;
