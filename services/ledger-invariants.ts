import type { ClientBase } from 'pg';
import type { InvariantReport } from './invariant';
import { sqlInvariants } from './invariant';

const invariants: Readonly<Record<string, string>> = {
  'ledger: each entry sums to zero': `
    SELECT CASE WHEN sum(amount) IS DISTINCT FROM 0 THEN format('entry %s sums to %s', entry_id, sum(amount)) END
      AS violation
    FROM entries LEFT JOIN postings USING (entry_id) GROUP BY entry_id`,

  'ledger: all balances sum to zero': `
    SELECT CASE WHEN sum(balance) <> 0 THEN format('%s sums to %s', currency, sum(balance)) END AS violation
    FROM accounts GROUP BY currency`,

  'ledger: each balance is the sum of its postings': `
    SELECT CASE WHEN balance <> coalesce(sum(amount), 0)
      THEN format('%s has %s, its postings sum to %s', account_id, balance, coalesce(sum(amount), 0)) END
      AS violation
    FROM accounts LEFT JOIN postings USING (account_id) GROUP BY account_id`,

  'ledger: no balance but the bank’s is negative': `
    SELECT CASE WHEN balance < 0 THEN format('%s has %s', account_id, balance) END AS violation
    FROM accounts WHERE kind <> 'bank'`,

  'payment: held money is what authorisations hold': `
    SELECT CASE WHEN balance <> held
      THEN format('%s has %s, authorisations hold %s', account_id, balance, held) END AS violation
    FROM accounts, LATERAL (
      SELECT coalesce(sum(amount), 0) AS held FROM authorisations
      WHERE state = 'HELD' AND customer_id = accounts.customer_id AND currency = accounts.currency
    ) AS authorised
    WHERE kind = 'held'`,

  'payment: captured minus refunded is nothing or the total': `
    SELECT CASE WHEN charged <> captured
      THEN format('order %s was charged %s, its captured authorisation is %s', order_id, charged, captured) END
      AS violation
    FROM (
      SELECT order_id, sum(amount) AS charged
      FROM entries JOIN postings USING (entry_id) JOIN accounts USING (account_id)
      WHERE accounts.kind = 'merchant' GROUP BY order_id
    ) AS charges, LATERAL (
      SELECT coalesce(sum(amount), 0) AS captured FROM authorisations
      WHERE state = 'CAPTURED' AND order_id = charges.order_id
    ) AS authorised`,
};

/** Checks the payment database. */
export function checkLedger(client: ClientBase): Promise<InvariantReport> {
  return sqlInvariants(client, invariants);
}
