CREATE TABLE cards (
  card text PRIMARY KEY,
  customer_id text NOT NULL,
  status text NOT NULL CHECK (status IN ('ok', 'blocked', 'expired'))
);

CREATE TABLE authorisations (
  authorisation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  order_id text NOT NULL,
  saga_id text NOT NULL,
  customer_id text NOT NULL,
  card text NOT NULL REFERENCES cards,
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  state text NOT NULL DEFAULT 'HELD' CHECK (state IN ('HELD', 'VOIDED', 'CAPTURED', 'REFUNDED')),
  expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
  capture_id uuid UNIQUE CHECK ((capture_id IS NOT NULL) = (state IN ('CAPTURED', 'REFUNDED')))
);
CREATE INDEX authorisations_by_saga ON authorisations (saga_id);
CREATE UNIQUE INDEX one_charge_per_order ON authorisations (order_id) WHERE state = 'CAPTURED';
