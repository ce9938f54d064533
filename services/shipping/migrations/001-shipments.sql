CREATE TABLE carriers (
  carrier text PRIMARY KEY,
  name text NOT NULL
);

CREATE TABLE coverage (
  carrier text NOT NULL REFERENCES carriers,
  country text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
  price bigint NOT NULL CHECK (price >= 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  PRIMARY KEY (carrier, country)
);
CREATE INDEX coverage_by_country ON coverage (country, price);

CREATE TABLE shipments (
  shipment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  order_id text NOT NULL,
  saga_id text NOT NULL,
  carrier text NOT NULL,
  country text NOT NULL,
  postal_code text NOT NULL,
  price bigint NOT NULL,
  currency text NOT NULL,
  state text NOT NULL DEFAULT 'BOOKED' CHECK (state IN ('BOOKED', 'CANCELLED', 'DISPATCHED', 'RETURNED')),
  changed_at timestamptz NOT NULL DEFAULT now(),
  FOREIGN KEY (carrier, country) REFERENCES coverage
);
CREATE INDEX shipments_by_saga ON shipments (saga_id);
CREATE UNIQUE INDEX one_dispatch_per_order ON shipments (order_id) WHERE state = 'DISPATCHED';

CREATE TABLE shipment_lines (
  shipment_id uuid NOT NULL REFERENCES shipments,
  sku text NOT NULL,
  quantity integer NOT NULL CHECK (quantity > 0),
  PRIMARY KEY (shipment_id, sku)
);
