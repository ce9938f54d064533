CREATE TABLE catalogue (
  sku text PRIMARY KEY,
  name text NOT NULL,
  -- Minor units. The upper limit keeps the largest order (100 lines of 10,000) inside a safe integer.
  unit_price bigint NOT NULL CHECK (unit_price BETWEEN 1 AND 1000000000),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$')
);

CREATE TABLE orders (
  order_id text PRIMARY KEY,
  saga_id text NOT NULL,
  customer_id text NOT NULL,
  country text NOT NULL,
  postal_code text NOT NULL,
  total bigint NOT NULL CHECK (total > 0),
  currency text NOT NULL,
  status text NOT NULL DEFAULT 'PENDING' CHECK (status IN ('PENDING', 'CONFIRMED', 'REJECTED', 'CANCELLED')),
  reason text CHECK ((reason IS NOT NULL) = (status IN ('REJECTED', 'CANCELLED')))
);
CREATE INDEX orders_by_saga ON orders (saga_id);

CREATE TABLE order_lines (
  order_id text NOT NULL REFERENCES orders,
  sku text NOT NULL REFERENCES catalogue,
  quantity integer NOT NULL CHECK (quantity > 0),
  unit_price bigint NOT NULL CHECK (unit_price > 0),
  PRIMARY KEY (order_id, sku)
);

CREATE TABLE order_history (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id text NOT NULL REFERENCES orders,
  status text NOT NULL,
  reason text,
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX order_history_by_order ON order_history (order_id);

-- Whoever changes an order's status, only these transitions are possible and each is in the history.
-- CONFIRMED → CANCELLED is the reversal of a completed order.
CREATE FUNCTION record_transition() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'INSERT' AND NEW.status <> 'PENDING'
    OR TG_OP = 'UPDATE' AND OLD.status <> 'PENDING' AND (OLD.status, NEW.status) <> ('CONFIRMED', 'CANCELLED')
  THEN
    RAISE EXCEPTION 'an order may not become %', NEW.status
      USING ERRCODE = 'check_violation', CONSTRAINT = 'orders_transition', TABLE = 'orders';
  END IF;
  INSERT INTO order_history (order_id, status, reason) VALUES (NEW.order_id, NEW.status, NEW.reason);
  RETURN NULL;
END $$;
CREATE TRIGGER orders_transition AFTER INSERT OR UPDATE OF status ON orders
  FOR EACH ROW EXECUTE FUNCTION record_transition();
