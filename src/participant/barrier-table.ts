/** One step in the life of the barrier's table: for a participant that keeps track of the migrations it has applied. */
export interface BarrierMigration {
  readonly name: string;
  readonly sql: string;
}

/**
 * The barrier's table, for each service that takes part, as migrations to apply in this order. One row per namespace,
 * saga, step and operation, written in the same transaction as the business change. Rows are kept: they still answer a repeated
 * call when the orchestrator's own history is long gone.
 *
 * A `do` row is `done`, `refused`, or `blocked` (its compensation came first); an `undo` row is `done`. A `do` row
 * also keeps what it takes to undo it when no history tells: each such column is null where the caller did not say.
 */
export const barrierMigrations: readonly BarrierMigration[] = [
  {
    name: '000-saga-barrier.sql',
    sql: `
CREATE TABLE saga_barrier (
  saga_id text NOT NULL,
  step text NOT NULL,
  op text NOT NULL CHECK (op IN ('do', 'undo')),
  state text NOT NULL CHECK (state = 'done' OR (op = 'do' AND state IN ('refused', 'blocked'))),
  input jsonb NOT NULL,
  result jsonb,
  refusal_code text CHECK ((refusal_code IS NOT NULL) = (state = 'refused')),
  refusal_message text CHECK ((refusal_message IS NOT NULL) = (state = 'refused')),
  created_at timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (saga_id, step, op)
);
`,
  },
  {
    name: '000-saga-barrier-records.sql',
    sql: `
ALTER TABLE saga_barrier
  ADD kind text,
  ADD compensation text,
  ADD began bigint,
  ADD namespace text,
  ADD task_queue text,
  ADD start_to_close_ms bigint;
`,
  },
  // Rows of older versions say no namespace where they hold no effect. A database belonged to one namespace, so the one
  // that it knows is theirs; where it knows none or several, they keep '', and no call finds them.
  {
    name: '000-saga-barrier-namespace.sql',
    sql: `
UPDATE saga_barrier AS old SET namespace = coalesce(
  (SELECT did.namespace FROM saga_barrier AS did
   WHERE did.saga_id = old.saga_id AND did.step = old.step AND did.op = 'do'),
  (SELECT min(namespace) FROM saga_barrier HAVING count(DISTINCT namespace) = 1),
  '')
WHERE namespace IS NULL;
ALTER TABLE saga_barrier
  ALTER namespace SET NOT NULL,
  DROP CONSTRAINT saga_barrier_pkey,
  ADD PRIMARY KEY (namespace, saga_id, step, op);
`,
  },
  // PostgreSQL reads the text of each check again with every statement that writes a row, and four took a tenth of its time for an action.
  // Not validated, as what is there has passed those: that would read the whole table under the lock.
  {
    name: '000-saga-barrier-check.sql',
    sql: `
ALTER TABLE saga_barrier
  DROP CONSTRAINT saga_barrier_op_check,
  DROP CONSTRAINT saga_barrier_check,
  DROP CONSTRAINT saga_barrier_check1,
  DROP CONSTRAINT saga_barrier_check2,
  ADD CONSTRAINT saga_barrier_outcome
    CHECK ((op = 'do' AND state IN ('done', 'refused', 'blocked')) OR (op = 'undo' AND state = 'done')) NOT VALID;
`,
  },
];

/** All of it at once, for a new database. */
export const barrierTable = barrierMigrations.map(({ sql }) => sql).join('');
