import type { Operation, StepCall } from '../saga/call';
import type { Transaction } from './database';
import type { Refusal } from './refusal';

/** What is known of an action; `sameInput` compares as `jsonb`, so the order of keys does not count. */
export type ActionRow<Output> = { readonly sameInput: boolean } & (
  | { readonly state: 'done'; readonly result: Output }
  | { readonly state: 'refused'; readonly refusalCode: string; readonly refusalMessage: string }
  | { readonly state: 'blocked' }
);

/** Where an action's attempt ran: with its call, what it takes to undo it when no history tells. */
export interface AttemptOrigin {
  readonly namespace: string;
  readonly taskQueue: string;
  /** The time the attempt had, in milliseconds; absent if it had no limit. */
  readonly startToCloseMs?: number;
}

interface NewRow {
  readonly op: Operation;
  readonly state: 'done' | 'refused' | 'blocked';
  readonly input: unknown;
  readonly refusal?: Refusal;
  readonly origin?: AttemptOrigin | undefined;
}

/** False if the row is there already. Waits for a transaction in progress that inserted the same one. */
export async function insertRow(tx: Transaction, call: StepCall, row: NewRow): Promise<boolean> {
  const inserted = await tx.query(
    `INSERT INTO saga_barrier (saga_id, step, op, state, input, refusal_code, refusal_message,
       kind, compensation, began, namespace, task_queue, start_to_close_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) ON CONFLICT DO NOTHING RETURNING 1`,
    [
      call.sagaId,
      call.step,
      row.op,
      row.state,
      json(row.input),
      row.refusal?.code,
      row.refusal?.message,
      call.kind,
      call.compensation,
      call.began,
      row.origin?.namespace,
      row.origin?.taskQueue,
      row.origin?.startToCloseMs,
    ],
  );
  return inserted.length === 1;
}

/** Keeps the result with the action's row, and returns it as every later call will see it. */
export async function storeResult<Output>(
  tx: Transaction,
  call: StepCall,
  result: Output,
): Promise<ActionRow<Output>> {
  const [row] = await tx.query<{ result: Output }>(
    `UPDATE saga_barrier SET result = $3 WHERE saga_id = $1 AND step = $2 AND op = 'do' RETURNING result`,
    [call.sagaId, call.step, json(result)],
  );
  return { state: 'done', sameInput: true, result: found(row, call).result };
}

/**
 * The action's settled row. A statement of its own, after the insert: what the insert waited for is not
 * in the insert's own snapshot.
 */
export async function readAction<Output>(
  tx: Transaction,
  call: StepCall,
  input: unknown,
): Promise<ActionRow<Output>> {
  const [row] = await tx.query<ActionRow<Output>>(
    `SELECT state, result, refusal_code AS "refusalCode", refusal_message AS "refusalMessage",
            input = $3::jsonb AS "sameInput"
     FROM saga_barrier WHERE saga_id = $1 AND step = $2 AND op = 'do'`,
    [call.sagaId, call.step, json(input)],
  );
  return found(row, call);
}

function found<Row>(row: Row | undefined, call: StepCall): Row {
  if (row === undefined) throw new Error(`${call.key}: barrier rows are never deleted, but this one is gone`);
  return row;
}

function json(value: unknown): string {
  return JSON.stringify(value ?? null);
}
