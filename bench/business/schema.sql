-- The four services of the benchmark in one database: what every contender changes, so that they differ by the orchestration alone.
CREATE TABLE IF NOT EXISTS orders       (order_id text PRIMARY KEY, customer text NOT NULL, state text NOT NULL);
CREATE TABLE IF NOT EXISTS reservations (order_id text PRIMARY KEY, sku text NOT NULL, quantity int NOT NULL, state text NOT NULL);
CREATE TABLE IF NOT EXISTS payments     (order_id text PRIMARY KEY, amount int NOT NULL, state text NOT NULL);
CREATE TABLE IF NOT EXISTS shipments    (order_id text PRIMARY KEY, country text NOT NULL, state text NOT NULL);
