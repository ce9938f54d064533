/**
 * The barrier's table, for the migrations of each service that takes part. One row per saga, step and
 * operation, written in the same transaction as the business change. Rows are kept: they still answer a
 * repeated call when the orchestrator's own history is long gone.
 *
 * A `do` row is `done`, `refused`, or `blocked` (its compensation came first); an `undo` row is `done`.
 */
export const barrierTable = `
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
`;
