-- Double entry: money moves by postings whose sum is zero; nothing else changes a balance.
CREATE TABLE accounts (
  account_id text PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('available', 'held', 'merchant', 'bank')),
  customer_id text CHECK ((customer_id IS NOT NULL) = (kind IN ('available', 'held'))),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  balance bigint NOT NULL DEFAULT 0,
  -- The bank is the outside world: what customers paid in, it owes.
  CONSTRAINT balance_not_negative CHECK (kind = 'bank' OR balance >= 0),
  UNIQUE (customer_id, kind, currency)
);

CREATE TABLE entries (
  entry_id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
  kind text NOT NULL CHECK (kind IN ('opening', 'hold', 'void', 'capture', 'refund')),
  order_id text CHECK ((order_id IS NULL) = (kind = 'opening')),
  at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entries_by_order ON entries (order_id);

CREATE TABLE postings (
  entry_id uuid NOT NULL REFERENCES entries,
  account_id text NOT NULL REFERENCES accounts,
  amount bigint NOT NULL CHECK (amount <> 0),
  PRIMARY KEY (entry_id, account_id)
);
CREATE INDEX postings_by_account ON postings (account_id);

CREATE FUNCTION apply_posting() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE accounts SET balance = balance + NEW.amount WHERE account_id = NEW.account_id;
  RETURN NULL;
END $$;
CREATE TRIGGER postings_apply AFTER INSERT ON postings FOR EACH ROW EXECUTE FUNCTION apply_posting();

CREATE FUNCTION refuse_posting_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a posting is never changed: add an entry that corrects it'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'postings_immutable', TABLE = 'postings';
END $$;
CREATE TRIGGER postings_immutable BEFORE UPDATE OR DELETE ON postings
  FOR EACH ROW EXECUTE FUNCTION refuse_posting_change();

CREATE FUNCTION check_entry_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF (SELECT sum(amount) FROM postings WHERE entry_id = NEW.entry_id) <> 0 THEN
    RAISE EXCEPTION 'the postings of an entry must sum to zero'
      USING ERRCODE = 'check_violation', CONSTRAINT = 'entry_sums_to_zero', TABLE = 'postings';
  END IF;
  RETURN NULL;
END $$;
-- Deferred: in between its first posting and its last, an entry is out of balance.
CREATE CONSTRAINT TRIGGER entry_sums_to_zero AFTER INSERT ON postings
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_entry_balance();
