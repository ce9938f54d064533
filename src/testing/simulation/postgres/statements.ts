import { isDeepStrictEqual } from 'node:util';
import { pgError } from './errors';
import { ledgerStatements } from './ledger';
import { type Blocked, Table, type Transaction, type Values } from './rows';

/** The tables of a simulated database. */
export class Tables {
  readonly barrier = new Table();
  readonly ledger = new Table();
  readonly accounts = new Table();
}

/** What a statement comes to, or the transaction for whose end it has to wait. */
export type Executed = { readonly command: string; readonly rows: Record<string, unknown>[] } | Blocked;

/** A statement with its values. Run again when what it has waited for is over. */
export interface Statement {
  readonly writes: 'INSERT' | 'UPDATE' | undefined;
  /** @throws DatabaseError */
  readonly run: (transaction: Transaction) => Executed;
}

type Known = (tables: Tables, values: readonly unknown[], found: RegExpExecArray) => Statement;

/**
 * The statements that the database knows, by their whole text. Where a clause has alternatives, its meaning follows it, so that a
 * barrier with another clause behaves as it would on Postgres.
 */
const statements: readonly (readonly [RegExp, Known])[] = [
  [
    /^INSERT INTO saga_barrier AS known \((?<columns>[a-z_, ]+)\) VALUES \((?:\$\d+(?:, )?)+\) (?:ON CONFLICT (?<conflict>\(namespace, saga_id, step, op\) DO UPDATE SET state = known\.state WHERE false|DO NOTHING) )?RETURNING 1$/,
    insertBarrierRow,
  ],
  [
    /^UPDATE saga_barrier SET result = \$4 WHERE namespace = \$1 AND saga_id = \$2 AND step = \$3 AND op = 'do' RETURNING result$/,
    updateResult,
  ],
  [
    /^SELECT (?<state>CASE WHEN undid\.op IS NULL THEN did\.state ELSE 'undone' END AS state|did\.state), did\.input, did\.result, did\.refusal_code AS "refusalCode", did\.refusal_message AS "refusalMessage", did\.input = \$4::jsonb AS "sameInput" FROM saga_barrier AS did LEFT JOIN saga_barrier AS undid ON (?<namespace>undid\.namespace = did\.namespace AND )?undid\.saga_id = did\.saga_id AND undid\.step = did\.step AND undid\.op = 'undo' WHERE did\.namespace = \$1 AND did\.saga_id = \$2 AND did\.step = \$3 AND did\.op = 'do'$/,
    selectAction,
  ],
  [literally(ledgerStatements.insertEffect), insertEffect],
  [literally(ledgerStatements.updateBalance), updateBalance],
];

/** @throws Error for a statement that the simulation does not know. */
export function statementOf(tables: Tables, text: string, values: readonly unknown[]): Statement {
  const plain = text.replace(/\s+/g, ' ').trim();
  for (const [pattern, known] of statements) {
    const found = pattern.exec(plain);
    if (found) return known(tables, values, found);
  }
  throw new Error(`the simulated database does not know this statement: ${plain}`);
}

function literally(text: string): RegExp {
  return new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`);
}

function insertBarrierRow(
  { barrier }: Tables,
  values: readonly unknown[],
  { groups }: RegExpExecArray,
): Statement {
  const columns = (groups?.['columns'] ?? '').split(', ');
  const row = Object.fromEntries(columns.map((column, index) => [column, values[index] ?? null]));
  const jsonb = { ...row, input: parsed(row['input']), result: null };
  const key = keyOf(row['namespace'], row['saga_id'], row['step'], row['op']);
  const conflict = groups?.['conflict'];
  return {
    writes: 'INSERT',
    run: (transaction) => {
      const known = barrier.find(key);
      if (!known) {
        barrier.insert(key, jsonb, transaction);
        return { command: 'INSERT', rows: [{ '?column?': 1 }] };
      }
      const holder = known.holder === transaction ? undefined : known.holder;
      // Whether an uncommitted row is in the way shows when its transaction is over; a committed one is, and may be locked.
      if (holder && !known.committed) return { blockedBy: holder };
      if (holder && conflict?.includes('DO UPDATE')) return { blockedBy: holder, lockOf: known };
      if (conflict === undefined)
        throw pgError('23505', 'duplicate key value violates unique constraint "saga_barrier_pkey"');
      if (conflict !== 'DO NOTHING') transaction.lock(known);
      return { command: 'INSERT', rows: [] };
    },
  };
}

function updateResult({ barrier }: Tables, [namespace, sagaId, step, json]: readonly unknown[]): Statement {
  const result = parsed(json);
  const change = updateOne(barrier, keyOf(namespace, sagaId, step, 'do'), (row) => ({ ...row, result }));
  return {
    writes: 'UPDATE',
    run: (transaction) => {
      const executed = change(transaction);
      if ('blockedBy' in executed || executed.rows.length === 0) return executed;
      return { command: 'UPDATE', rows: [{ result: structuredClone(result) }] };
    },
  };
}

function selectAction(
  { barrier }: Tables,
  [namespace, sagaId, step, json]: readonly unknown[],
  { groups }: RegExpExecArray,
): Statement {
  const input = parsed(json);
  return {
    writes: undefined,
    run: (transaction) => {
      const did = barrier.find(keyOf(namespace, sagaId, step, 'do'))?.seenBy(transaction);
      const undone = barrier
        .seenBy(transaction)
        .some(
          (row) =>
            row['op'] === 'undo' &&
            row['saga_id'] === sagaId &&
            row['step'] === step &&
            (groups?.['namespace'] === undefined || row['namespace'] === namespace),
        );
      const tells = undone && groups?.['state'] !== 'did.state';
      return { command: 'SELECT', rows: did ? [answer(did, tells ? 'undone' : did['state'], input)] : [] };
    },
  };
}

function answer(did: Values, state: unknown, input: unknown): Record<string, unknown> {
  return {
    state,
    input: structuredClone(did['input']),
    result: structuredClone(did['result']),
    refusalCode: did['refusal_code'],
    refusalMessage: did['refusal_message'],
    sameInput: isDeepStrictEqual(did['input'], input),
  };
}

function insertEffect({ ledger }: Tables, values: readonly unknown[]): Statement {
  const [saga_id, step, op, input, output, reason] = values;
  const row = { saga_id, step, op, input: parsed(input), output: parsed(output), reason: reason ?? null };
  return {
    writes: 'INSERT',
    run: (transaction) => {
      ledger.insertKeyless(row, transaction);
      return { command: 'INSERT', rows: [] };
    },
  };
}

function updateBalance({ accounts }: Tables, [id, amount]: readonly unknown[]): Statement {
  const change = updateOne(accounts, String(id), (row) => ({
    ...row,
    balance: Number(row['balance']) + Number(amount),
  }));
  return {
    writes: 'UPDATE',
    run: (transaction) => {
      if (!Number.isSafeInteger(Number(amount)))
        throw pgError('22P02', 'invalid input syntax for type bigint');
      const executed = change(transaction);
      return 'blockedBy' in executed ? executed : { command: 'UPDATE', rows: [] };
    },
  };
}

/** Changes the row of a key, if the statement sees one: its newest version, after it has waited for the transaction that holds it. */
function updateOne(table: Table, key: string, change: (row: Values) => Values) {
  return (transaction: Transaction): Executed => {
    const row = table.find(key);
    const seen = row?.seenBy(transaction);
    if (!row || !seen) return { command: 'UPDATE', rows: [] };
    if (row.holder && row.holder !== transaction) return { blockedBy: row.holder, lockOf: row };
    transaction.lock(row);
    row.pending = change(seen);
    return { command: 'UPDATE', rows: [row.pending] };
  };
}

function keyOf(...parts: readonly unknown[]): string {
  return JSON.stringify(parts);
}

/** As `jsonb` keeps it. */
function parsed(json: unknown): unknown {
  return typeof json === 'string' ? (JSON.parse(json) as unknown) : null;
}
