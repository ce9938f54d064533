import type { Operation, StepCall } from '../saga/call';
import type { FramedTransaction } from './transaction';
import type { Refusal } from './refusal';

/** What is known of an action; `sameInput` compares as `jsonb`, so the order of keys does not count. */
export type ActionRow<Output> = { readonly sameInput: boolean } & (
  | { readonly state: 'done' | 'undone'; readonly input: unknown; readonly result: Output }
  | { readonly state: 'refused'; readonly refusalCode: string; readonly refusalMessage: string }
  | { readonly state: 'blocked' }
);

/** Where an action's attempt ran: with its call, what it takes to undo it when no history tells. */
export interface AttemptOrigin {
  readonly taskQueue: string;
  /** The time the attempt had, in milliseconds; absent if it had no limit. */
  readonly startToCloseMs?: number;
}

/** How a statement of the barrier is sent: alone, or at one end of its transaction. */
type Query = FramedTransaction['first'];

interface NewRow {
  readonly op: Operation;
  readonly state: 'done' | 'refused' | 'blocked';
  readonly input: unknown;
  readonly refusal?: Refusal;
  readonly origin?: AttemptOrigin | undefined;
}

/**
 * False if the row is there already. Waits for a transaction in progress that inserted the same one, or that found it
 * there; updating nothing locks the row that is there, so an action and its compensation come one after the other (B8).
 */
export async function insertRow(query: Query, call: StepCall, row: NewRow): Promise<boolean> {
  const inserted = await query(
    `INSERT INTO saga_barrier AS known (namespace, saga_id, step, op, state, input, refusal_code, refusal_message,
       kind, compensation, began, task_queue, start_to_close_ms)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
     ON CONFLICT (namespace, saga_id, step, op) DO UPDATE SET state = known.state WHERE false
     RETURNING 1`,
    [
      call.namespace,
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
      row.origin?.taskQueue,
      row.origin?.startToCloseMs,
    ],
  );
  return inserted.length === 1;
}

/** Keeps the result with the action's row, and returns it as every later call will see it. */
export async function storeResult<Output>(
  query: Query,
  call: StepCall,
  input: unknown,
  result: Output,
): Promise<ActionRow<Output>> {
  const [row] = await query<{ result: Output }>(
    `UPDATE saga_barrier SET result = $4 WHERE namespace = $1 AND saga_id = $2 AND step = $3 AND op = 'do'
     RETURNING result`,
    [call.namespace, call.sagaId, call.step, json(result)],
  );
  return { state: 'done', sameInput: true, input, result: found(row, call).result };
}

/**
 * The action's settled row. A statement of its own, after the insert: what the insert waited for is not
 * in the insert's own snapshot.
 */
export async function readAction<Output>(
  query: Query,
  call: StepCall,
  input: unknown,
): Promise<ActionRow<Output>> {
  const [row] = await query<ActionRow<Output>>(
    `SELECT CASE WHEN undid.op IS NULL THEN did.state ELSE 'undone' END AS state, did.input, did.result,
            did.refusal_code AS "refusalCode", did.refusal_message AS "refusalMessage",
            did.input = $4::jsonb AS "sameInput"
     FROM saga_barrier AS did LEFT JOIN saga_barrier AS undid
       ON undid.namespace = did.namespace AND undid.saga_id = did.saga_id AND undid.step = did.step
          AND undid.op = 'undo'
     WHERE did.namespace = $1 AND did.saga_id = $2 AND did.step = $3 AND did.op = 'do'`,
    [call.namespace, call.sagaId, call.step, json(input)],
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
