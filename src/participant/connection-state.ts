import { DatabaseError } from 'pg';

/**
 * SQLSTATEs after which a connection is as good as before: data, constraints, a wrong statement, resources, what a function
 * raised; serialization failure, deadlock, lock not available, statement timeout. Everything else discards the
 * connection, also what nobody has thought of: a new one costs milliseconds, a broken one fails every call.
 */
const HARMLESS = /^(?:22|23|42|53|54|P0)|^(?:40001|40P01|55P03|57014)$/;

/** The server goes down, comes up, or takes no writes: what was connected to it before is no better. */
const SERVER_GONE = /^(?:08|57P)|^25006$/;

/** What a failed statement tells about its connection, and about those that were opened before. */
export type ConnectionState = 'sound' | 'broken' | 'server-gone';

export function connectionStateAfter(error: unknown): ConnectionState {
  const sqlState = (error instanceof DatabaseError && error.code) || '';
  if (HARMLESS.test(sqlState)) return 'sound';
  return SERVER_GONE.test(sqlState) ? 'server-gone' : 'broken';
}

/**
 * Whether Postgres said that it rolled the transaction back, for a reason that may be gone at once: serialization failure
 * or deadlock.
 */
export function isRolledBack(error: unknown): boolean {
  return error instanceof DatabaseError && (error.code === '40001' || error.code === '40P01');
}
