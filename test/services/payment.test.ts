import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { AuthorisePayment, CapturePayment } from '../../services/payment/contract';
import { authorisePayment } from '../../services/payment/service';
import { Gate, untilWaiting } from '../participant/effects';
import type { Shop } from './shop';
import { callOf, openShop, perform } from './shop';

let shop: Shop;
beforeAll(async () => {
  shop = await openShop('payment');
});
afterAll(() => shop.close());

const total = { amount: 2_100, currency: 'EUR' };
const inputOf = (orderId: string, changed: Partial<AuthorisePayment> = {}): AuthorisePayment => ({
  orderId,
  customerId: 'cust-ada',
  card: 'card-ada',
  total,
  ...changed,
});
const authorise = (orderId: string, changed: Partial<AuthorisePayment> = {}) =>
  perform(shop.authorisePayment, inputOf(orderId, changed), callOf(orderId, 'authorise', 'do'));
const release = (orderId: string) =>
  perform(shop.voidPayment, { input: inputOf(orderId) }, callOf(orderId, 'authorise', 'undo'));
const capture = (input: CapturePayment) =>
  perform(shop.capturePayment, input, callOf(input.orderId, 'capture', 'do'));
const refund = (input: CapturePayment) =>
  perform(shop.refundPayment, { input }, callOf(input.orderId, 'capture', 'undo'));

async function balances(): Promise<Record<string, number>> {
  const rows = await shop.databases.payment.query<{ id: string; balance: number }>(
    `SELECT account_id AS id, balance FROM accounts WHERE customer_id = 'cust-ada' OR kind = 'merchant'`,
  );
  return Object.fromEntries(
    rows.map(({ id, balance }) => [id.replace(/.*\/(\w+)\/EUR|\/EUR/, '$1'), balance]),
  );
}

/** How the balances moved while something was done. */
async function movedBy(work: () => Promise<unknown>): Promise<Record<string, number>> {
  const before = await balances();
  await work();
  const after = await balances();
  const moved = Object.entries(after).map(([id, balance]) => [id, balance - (before[id] ?? 0)] as const);
  return Object.fromEntries(moved.filter(([, difference]) => difference !== 0));
}

describe('money moves', () => {
  test('authorise: available → held; void: held → available', async () => {
    expect(await movedBy(() => authorise('void'))).toEqual({ available: -2_100, held: 2_100 });
    expect(await movedBy(() => release('void'))).toEqual({ available: 2_100, held: -2_100 });
  });

  test('capture: held → merchant; refund: merchant → available, after which there is no hold to give back', async () => {
    const authorisation = await authorise('refund');
    expect(await movedBy(() => capture(authorisation))).toEqual({ held: -2_100, merchant: 2_100 });
    expect(await movedBy(() => refund(authorisation))).toEqual({ available: 2_100, merchant: -2_100 });
    expect(await movedBy(() => release('refund'))).toEqual({});
  });

  test('two holds at once never take the same money: the second waits, and is refused', async () => {
    const half = {
      total: { amount: 60_000_000, currency: 'EUR' },
      customerId: 'cust-alan',
      card: 'card-alan',
    };
    const gate = new Gate();
    const first = shop.databases.payment.transaction(async (tx) => {
      await authorisePayment(tx, inputOf('half-1', half), callOf('half-1', 'authorise', 'do'));
      await gate.pass();
    });
    await gate.reached;
    const second = authorise('half-2', half);
    await untilWaiting(shop.databases.payment, 1);
    gate.open();
    await first;
    await expect(second).rejects.toMatchObject({ type: 'INSUFFICIENT_FUNDS' });
  });
});

describe('refusals', () => {
  test.each([
    ['unknown', { card: 'card-nobody' }],
    ['blocked', { card: 'card-ken', customerId: 'cust-ken' }],
    ['expired', { card: 'card-dennis', customerId: 'cust-dennis' }],
    ['of another customer', { card: 'card-grace' }],
    ['without an account in the currency', { total: { amount: 100, currency: 'USD' } }],
  ])('CARD_DECLINED for a card that is %s', async (_, changed) => {
    const refused = authorise(
      `declined-${JSON.stringify(changed)}`.replace(/\W+/g, '-').slice(0, 60),
      changed,
    );
    await expect(refused).rejects.toMatchObject({ type: 'CARD_DECLINED', nonRetryable: true });
  });

  test('INSUFFICIENT_FUNDS for an empty account', async () => {
    const refused = authorise('poor', { customerId: 'cust-linus', card: 'card-linus' });
    await expect(refused).rejects.toMatchObject({ type: 'INSUFFICIENT_FUNDS' });
  });

  test('AUTHORISATION_EXPIRED at a capture that comes too late; the hold can still be given back', async () => {
    const authorisation = await authorise('expired');
    await shop.databases.payment.query(
      `UPDATE authorisations SET expires_at = now() - interval '1 second' WHERE order_id = 'expired'`,
    );
    await expect(capture(authorisation)).rejects.toMatchObject({ type: 'AUTHORISATION_EXPIRED' });
    expect(await movedBy(() => release('expired'))).toEqual({ available: 2_100, held: -2_100 });
  });
});

describe('errors', () => {
  test('AMOUNT_MISMATCH when the capture is not what was authorised', async () => {
    const authorisation = await authorise('mismatch');
    const more = capture({ ...authorisation, total: { amount: 2_101, currency: 'EUR' } });
    await expect(more).rejects.toMatchObject({ type: 'AMOUNT_MISMATCH', nonRetryable: true });
  });

  test('FORBIDDEN_TRANSITION when what is captured was given back', async () => {
    const authorisation = await authorise('gone');
    await release('gone');
    const late = capture(authorisation);
    await expect(late).rejects.toMatchObject({ type: 'FORBIDDEN_TRANSITION', nonRetryable: true });
  });

  test('FORBIDDEN_TRANSITION when what is given back is charged', async () => {
    await capture(await authorise('charged'));
    await expect(release('charged')).rejects.toMatchObject({ type: 'FORBIDDEN_TRANSITION' });
  });
});

describe('the database refuses, whoever writes', () => {
  const write = (sql: string) => shop.databases.payment.query(sql);

  test('an entry whose postings do not sum to zero, at the commit', async () => {
    const unbalanced = write(
      `WITH entry AS (INSERT INTO entries (kind, order_id) VALUES ('hold', 'x') RETURNING entry_id)
       INSERT INTO postings SELECT entry_id, 'cust-ada/available/EUR', -1 FROM entry`,
    );
    await expect(unbalanced).rejects.toMatchObject({ constraint: 'entry_sums_to_zero' });
  });

  test('a negative balance', async () => {
    const overdrawn = write(
      `WITH entry AS (INSERT INTO entries (kind, order_id) VALUES ('hold', 'x') RETURNING entry_id)
       INSERT INTO postings SELECT entry_id, account_id, amount FROM entry,
         (VALUES ('cust-linus/available/EUR', -1), ('cust-linus/held/EUR', 1)) AS side (account_id, amount)`,
    );
    await expect(overdrawn).rejects.toMatchObject({ constraint: 'balance_not_negative' });
  });

  test('a change of a posting', async () => {
    const changed = { constraint: 'postings_immutable' };
    await expect(write('UPDATE postings SET amount = amount + 1')).rejects.toMatchObject(changed);
    await expect(write('DELETE FROM postings')).rejects.toMatchObject(changed);
  });

  test('a second charge for one order', async () => {
    const first = await authorise('charged-twice');
    await capture(first);
    const second = await perform(
      shop.authorisePayment,
      inputOf('charged-twice'),
      callOf('another-saga', 'authorise', 'do'),
    );
    const again = perform(shop.capturePayment, second, callOf('another-saga', 'capture', 'do'));
    await expect(again).rejects.toMatchObject({ type: 'DATABASE_ERROR', nonRetryable: true });
  });
});
