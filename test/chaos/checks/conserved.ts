import { type Databases, mustFindNothing } from './databases';
import type { Violation } from './violation';

const money = {
  'money-lost': [
    `SELECT entry_id::text AS about, 'its postings sum to ' || coalesce(sum(amount), 0) AS what
     FROM entries LEFT JOIN postings USING (entry_id) GROUP BY entry_id
     HAVING coalesce(sum(amount), 1) <> 0`,
    `SELECT currency AS about, 'all balances sum to ' || sum(balance) AS what
     FROM accounts GROUP BY currency HAVING sum(balance) <> 0`,
    `SELECT account_id AS about, format('has %s, its postings sum to %s', balance, coalesce(sum(amount), 0)) AS what
     FROM accounts LEFT JOIN postings USING (account_id) GROUP BY account_id, balance
     HAVING balance <> coalesce(sum(amount), 0)`,
    `SELECT account_id AS about, 'has ' || balance AS what FROM accounts WHERE kind <> 'bank' AND balance < 0`,
    `SELECT account_id AS about, format('has %s, its authorisations hold %s', balance, coalesce(sum(amount), 0)) AS what
     FROM accounts LEFT JOIN authorisations AS a
       ON a.customer_id = accounts.customer_id AND a.currency = accounts.currency AND a.state = 'HELD'
     WHERE kind = 'held' GROUP BY account_id, balance HAVING balance <> coalesce(sum(amount), 0)`,
  ],
  'charged-wrongly': [
    `SELECT paid.order_id AS about, format('%s was paid; its authorisations are of %s', paid.amount, array_agg(a.amount)) AS what
     FROM (
       SELECT order_id, sum(amount) AS amount FROM postings JOIN entries USING (entry_id) JOIN accounts USING (account_id)
       WHERE accounts.kind = 'merchant' GROUP BY order_id
     ) AS paid LEFT JOIN authorisations AS a USING (order_id)
     GROUP BY paid.order_id, paid.amount
     HAVING paid.amount <> 0 AND paid.amount <> ALL (array_remove(array_agg(a.amount), NULL))`,
  ],
};

const stock = {
  'stock-lost': [
    `SELECT sku AS about, format('%s on hand, %s reserved, %s shipped, %s received', on_hand, reserved, shipped, received) AS what
     FROM stock WHERE on_hand + reserved + shipped <> received OR on_hand < 0 OR reserved < 0 OR shipped < 0`,
    `SELECT sku AS about, format('%s reserved and %s shipped; its reservations say %s and %s', reserved, shipped,
       coalesce(sum(quantity) FILTER (WHERE state = 'RESERVED'), 0),
       coalesce(sum(quantity) FILTER (WHERE state = 'SHIPPED'), 0)) AS what
     FROM stock LEFT JOIN (reservation_lines JOIN reservations USING (reservation_id)) USING (sku)
     GROUP BY sku, reserved, shipped
     HAVING reserved <> coalesce(sum(quantity) FILTER (WHERE state = 'RESERVED'), 0)
       OR shipped <> coalesce(sum(quantity) FILTER (WHERE state = 'SHIPPED'), 0)`,
  ],
};

/** What is counted per saga: more than one of it, and something was done twice. */
const once = (table: string, noun: string) =>
  `SELECT saga_id AS about, count(*) || ' ${noun}' AS what FROM ${table} GROUP BY saga_id HAVING count(*) > 1`;

const twice = {
  order: {
    'done-twice': [
      once('orders', 'orders'),
      `SELECT order_id AS about, format('became %s %s times', status, count(*)) AS what
       FROM order_history GROUP BY order_id, status HAVING count(*) > 1`,
    ],
  },
  payment: {
    'done-twice': [
      once('authorisations', 'authorisations'),
      `SELECT order_id AS about, format('%s entries of kind %s', count(*), kind) AS what
       FROM entries WHERE order_id IS NOT NULL GROUP BY order_id, kind HAVING count(*) > 1`,
    ],
  },
  inventory: { 'done-twice': [once('reservations', 'reservations')] },
  shipping: { 'done-twice': [once('shipments', 'shipments')] },
};

/** Money and stock add up, whatever happened. */
export async function checkConserved({ payment, inventory }: Databases): Promise<Violation[]> {
  return [...(await mustFindNothing(payment, money)), ...(await mustFindNothing(inventory, stock))];
}

/** No saga did anything twice, not even what it undid. */
export async function checkDoneOnce(databases: Databases): Promise<Violation[]> {
  const found: Violation[] = [];
  for (const service of ['order', 'payment', 'inventory', 'shipping'] as const) {
    found.push(...(await mustFindNothing(databases[service], twice[service])));
  }
  return onePerSaga(found);
}

/** Two authorisations are also two entries: one violation, about the one saga. */
function onePerSaga(found: readonly Violation[]): Violation[] {
  const bySaga = new Map<string, Violation>();
  for (const violation of found) {
    const about = violation.about.startsWith('order-') ? violation.about : `order-${violation.about}`;
    const before = bySaga.get(about);
    const what = before === undefined ? violation.what : `${before.what}; ${violation.what}`;
    bySaga.set(about, { ...violation, about, what });
  }
  return [...bySaga.values()];
}
