CREATE TABLE stock (
  sku text PRIMARY KEY,
  on_hand integer NOT NULL CHECK (on_hand >= 0),
  reserved integer NOT NULL DEFAULT 0 CHECK (reserved >= 0),
  shipped integer NOT NULL DEFAULT 0 CHECK (shipped >= 0),
  -- All that ever came in; nothing leaves the books without a trace.
  received integer NOT NULL,
  CONSTRAINT stock_conserved CHECK (on_hand + reserved + shipped = received)
);

CREATE TABLE reservations (
  reservation_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  order_id text NOT NULL,
  saga_id text NOT NULL,
  state text NOT NULL DEFAULT 'RESERVED' CHECK (state IN ('RESERVED', 'RELEASED', 'SHIPPED', 'RETURNED')),
  changed_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX reservations_by_saga ON reservations (saga_id);

CREATE TABLE reservation_lines (
  reservation_id uuid NOT NULL REFERENCES reservations,
  sku text NOT NULL REFERENCES stock,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (reservation_id, sku)
);
