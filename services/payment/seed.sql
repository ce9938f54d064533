-- Customers and their cards (EUR; the bank is the other side of each opening balance):
--   cust-ada, cust-grace, cust-alan, cust-edsger, cust-barbara, cust-donald   1,000,000.00, card-<name> is ok
--   cust-linus   0.00, card-linus is ok                  → INSUFFICIENT_FUNDS
--   cust-ken     1,000,000.00, card-ken is blocked       → CARD_DECLINED
--   cust-dennis  1,000,000.00, card-dennis is expired    → CARD_DECLINED
-- An opening is one entry with a fixed id: seeding again neither repeats it nor resets a balance.
WITH customers (customer_id, card, status, opening) AS (
  VALUES
    ('cust-ada', 'card-ada', 'ok', 100000000),
    ('cust-grace', 'card-grace', 'ok', 100000000),
    ('cust-alan', 'card-alan', 'ok', 100000000),
    ('cust-edsger', 'card-edsger', 'ok', 100000000),
    ('cust-barbara', 'card-barbara', 'ok', 100000000),
    ('cust-donald', 'card-donald', 'ok', 100000000),
    ('cust-linus', 'card-linus', 'ok', 0),
    ('cust-ken', 'card-ken', 'blocked', 100000000),
    ('cust-dennis', 'card-dennis', 'expired', 100000000)
), new_accounts AS (
  INSERT INTO accounts (account_id, kind, customer_id, currency)
  SELECT customer_id || '/' || kind || '/EUR', kind, customer_id, 'EUR'
  FROM customers, (VALUES ('available'), ('held')) AS kinds (kind)
  UNION ALL VALUES ('merchant/EUR', 'merchant', NULL, 'EUR'), ('bank/EUR', 'bank', NULL, 'EUR')
  ON CONFLICT DO NOTHING
), new_cards AS (
  INSERT INTO cards (card, customer_id, status) SELECT card, customer_id, status FROM customers
  ON CONFLICT DO NOTHING
), openings AS (
  SELECT md5('opening ' || customer_id)::uuid AS entry_id, customer_id, opening
  FROM customers WHERE opening > 0
), new_entries AS (
  INSERT INTO entries (entry_id, kind) SELECT entry_id, 'opening' FROM openings
  ON CONFLICT DO NOTHING RETURNING entry_id
)
INSERT INTO postings (entry_id, account_id, amount)
SELECT entry_id, account_id, amount
FROM new_entries JOIN openings USING (entry_id),
  LATERAL (VALUES (customer_id || '/available/EUR', opening), ('bank/EUR', -opening)) AS side (account_id, amount);
