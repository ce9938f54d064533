-- What can be booked: a seat on the flight 'TP 531' of the route 'BER-LIS', the car 'LIS small' in 'LIS'. Amounts are cents.
CREATE TABLE offers (
  offer text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('flight', 'car')),
  place text NOT NULL,
  price bigint NOT NULL CHECK (price >= 0),
  free integer NOT NULL CHECK (free >= 0)
);

CREATE TABLE bookings (
  booking_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  trip_id text NOT NULL,
  offer text NOT NULL REFERENCES offers,
  state text NOT NULL DEFAULT 'BOOKED' CHECK (state IN ('BOOKED', 'TICKETED', 'CANCELLED'))
);

CREATE TABLE cards (
  card text PRIMARY KEY,
  balance bigint NOT NULL CHECK (balance >= 0)
);

CREATE TABLE payments (
  payment_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  trip_id text NOT NULL,
  card text NOT NULL REFERENCES cards,
  total bigint NOT NULL,
  state text NOT NULL DEFAULT 'PAID' CHECK (state IN ('PAID', 'REFUNDED'))
);
