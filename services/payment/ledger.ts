import type { Transaction } from '../../src/participant';
import type { Money } from '../money';

/** What moves money: a hold and its void, a capture and its refund. */
export type EntryKind = 'hold' | 'void' | 'capture' | 'refund';

interface Movement {
  readonly kind: EntryKind;
  readonly orderId: string;
  readonly customerId: string;
  readonly total: Money;
}

/** Where the money of each kind of entry comes from and goes to. */
const route = {
  hold: ['available', 'held'],
  void: ['held', 'available'],
  capture: ['held', 'merchant'],
  refund: ['merchant', 'available'],
} as const;

/** Adds one entry of two postings; the database moves both balances and refuses one below zero. */
export async function post(tx: Transaction, { kind, orderId, customerId, total }: Movement): Promise<void> {
  const [from, to] = route[kind].map((account) => accountId(account, customerId, total.currency));
  const postings = [
    { account: from, amount: -total.amount },
    { account: to, amount: total.amount },
  ];
  await tx.query(
    // Sorted, so that entries which share accounts lock them in one order and never deadlock.
    `WITH entry AS (INSERT INTO entries (kind, order_id) VALUES ($1, $2) RETURNING entry_id)
     INSERT INTO postings (entry_id, account_id, amount)
     SELECT entry_id, account_id, amount
     FROM entry, unnest($3::text[], $4::bigint[]) AS posting (account_id, amount) ORDER BY account_id`,
    [kind, orderId, postings.map((posting) => posting.account), postings.map((posting) => posting.amount)],
  );
}

function accountId(kind: 'available' | 'held' | 'merchant', customerId: string, currency: string): string {
  return kind === 'merchant' ? `merchant/${currency}` : `${customerId}/${kind}/${currency}`;
}
