import type { Transaction } from '../../../participant';
import type { Effect } from '../../effect';
import type { Table } from './rows';

/** The business statements of a simulated participant. One text on every server, so that both can be compared. */
export const ledgerStatements = {
  tables: `
    CREATE TABLE ledger (saga_id text NOT NULL, step text NOT NULL, op text NOT NULL, input jsonb, output jsonb, reason text);
    CREATE TABLE account (id text PRIMARY KEY, balance bigint NOT NULL);
    INSERT INTO account VALUES ('ours', 0), ('theirs', 0)`,
  insertEffect:
    'INSERT INTO ledger (saga_id, step, op, input, output, reason) VALUES ($1, $2, $3, $4, $5, $6)',
  updateBalance: 'UPDATE account SET balance = balance + $2 WHERE id = $1',
} as const;

export const accounts = ['ours', 'theirs'] as const;

/**
 * Writes an effect down, and moves one from an account to the other.
 * @param isReversed in which order the accounts are locked: two effects with different orders can deadlock.
 */
export async function writeEffect(
  tx: Transaction,
  sagaId: string,
  { op, step, input, output, reason }: Effect,
  isReversed: boolean,
): Promise<void> {
  const json = [input, output].map((value) => JSON.stringify(value ?? null));
  await tx.query(ledgerStatements.insertEffect, [sagaId, step, op, ...json, reason]);
  const amount = op === 'do' ? 1 : -1;
  const transfers = [
    [accounts[0], -amount],
    [accounts[1], amount],
  ];
  for (const transfer of isReversed ? transfers.reverse() : transfers)
    await tx.query(ledgerStatements.updateBalance, transfer);
}

/** The committed effects, in the order of their commits. */
export function effectsIn(ledger: Table): Effect[] {
  return ledger.committed().map(({ op, step, input, output, reason }) => ({
    op: op as Effect['op'],
    step: String(step),
    input,
    output,
    ...(typeof reason === 'string' && { reason }),
  }));
}
