import type { ClientBase } from 'pg';

/** One invariant and what an audit of it found. */
export interface InvariantCheck {
  readonly name: string;
  readonly holds: boolean;
  /** How many rows or sagas were looked at; an invariant that looked at none has shown nothing. */
  readonly checked: number;
  /** Each names the row or the saga, and what is wrong with it. */
  readonly violations: readonly string[];
}

export type InvariantReport = readonly InvariantCheck[];

/** Sums up what was found. */
export function invariant(name: string, checked: number, violations: readonly string[]): InvariantCheck {
  return { name, holds: violations.length === 0, checked, violations };
}

async function sqlInvariant(client: ClientBase, name: string, rows: string): Promise<InvariantCheck> {
  const { rows: found } = await client.query<{ checked: number; violations: string[] }>(
    `SELECT count(*)::integer AS checked,
            coalesce(array_agg(violation) FILTER (WHERE violation IS NOT NULL), '{}') AS violations
     FROM (${rows}) AS looked_at`,
  );
  const [{ checked, violations } = { checked: 0, violations: [] }] = found;
  return invariant(name, checked, violations);
}

/**
 * Checks each of the named queries, one after the other, as one connection does. A query has one text column
 * `violation`: null for each row in which the invariant holds.
 */
export async function sqlInvariants(
  client: ClientBase,
  queries: Readonly<Record<string, string>>,
): Promise<InvariantReport> {
  const report: InvariantCheck[] = [];
  for (const [name, rows] of Object.entries(queries)) report.push(await sqlInvariant(client, name, rows));
  return report;
}
