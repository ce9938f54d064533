import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApplicationFailure } from '@temporalio/common';
import { Client } from 'pg';
import type { ServiceName } from '../../services/names';
import type { OrderRequest } from '../../services/order/contract';
import { fulfilment } from '../../services/order/fulfilment';
import { openShopSystem, type ShopSystem } from '../fulfilment/shop-system';
import { orderOf } from '../services/shop';
import { ResettableRun } from '../../src/testing/reset';
import { until } from '../support/until';
import { check } from './checks/check';
import { text } from './checks/violation';

let system: ShopSystem;
const started = new Set<string>();

async function place(orderId: string, change: Partial<OrderRequest> = {}): Promise<string> {
  const { sagaId } = await system.client.start(fulfilment, orderOf(orderId, change));
  started.add(sagaId);
  return sagaId;
}

const large = { lines: [{ sku: 'sku-laptop', quantity: 1 }] };
const look = (record = started) => check(system.env.client, system.shop.urls, record, 'unwind');
const violations = async (record = started) => (await look(record)).violations.map(text);

beforeAll(async () => {
  system = await openShopSystem('chaos_checks', undefined, ({ releaseStock }) => ({
    releaseStock: (undo, call) =>
      call.sagaId === 'order-stuck'
        ? Promise.reject(ApplicationFailure.nonRetryable('the shelf collapsed', 'BROKEN'))
        : releaseStock(undo, call),
  }));
  const completed = await place('completed');
  const undone = await place('undone', { shipTo: { country: 'AQ', postalCode: '00' } });
  const cancelled = await place('cancelled', large);
  const isReviewed = async () => (await system.client.report(cancelled)).waits !== undefined;
  await until('the order to wait for its review', isReviewed);
  await system.client.cancel(cancelled);
  await Promise.all([completed, undone, cancelled].map((sagaId) => system.client.waitForClose(sagaId)));
  await until('visibility to show all', async () => (await violations()).length === 0);
});
afterAll(() => system.close());

test('a system at rest has none', async () => {
  expect(await look()).toMatchObject({ violations: [], stuck: [], lost: [] });
  const { answers } = await look();
  expect(answers.map(({ ended }) => ended).toSorted()).toEqual(['cancelled', 'compensated', 'completed']);
});

const done = `order_id = 'completed'`;
const undone = `order_id = 'undone'`;
const capture = `entry_id = (SELECT entry_id FROM entries WHERE kind = 'capture' AND ${done}) AND account_id LIKE 'merchant%'`;
const copy = (table: string, columns: string, key: string) => ({
  plant: `INSERT INTO ${table} (${columns}) SELECT ${columns} FROM ${table} WHERE ${undone}`,
  remove: `DELETE FROM ${table} WHERE ${undone} AND ${key} <> (SELECT min(${key}::text) FROM ${table} WHERE ${undone})::uuid`,
});
const twiceReserved = copy('reservations', 'order_id, saga_id, state', 'reservation_id');

describe('each violation is found when it is planted', () => {
  const planted: [found: string, service: ServiceName, plant: string, remove: string][] = [
    [
      'money-lost: .*postings sum to 1$',
      'payment',
      `UPDATE postings SET amount = amount + 1 WHERE ${capture}`,
      `UPDATE postings SET amount = amount - 1 WHERE ${capture}`,
    ],
    [
      'money-lost: EUR: all balances sum to 1',
      'payment',
      `UPDATE accounts SET balance = balance + 1 WHERE account_id = 'merchant/EUR'`,
      `UPDATE accounts SET balance = balance - 1 WHERE account_id = 'merchant/EUR'`,
    ],
    [
      'money-lost: merchant/EUR: has .*, its postings sum to',
      'payment',
      `UPDATE accounts SET balance = balance + CASE kind WHEN 'bank' THEN -1 ELSE 1 END WHERE kind IN ('bank', 'merchant')`,
      `UPDATE accounts SET balance = balance - CASE kind WHEN 'bank' THEN -1 ELSE 1 END WHERE kind IN ('bank', 'merchant')`,
    ],
    [
      'money-lost: cust-linus/available/EUR: has -1$',
      'payment',
      `ALTER TABLE accounts DROP CONSTRAINT balance_not_negative;
       UPDATE accounts SET balance = -1 WHERE account_id = 'cust-linus/available/EUR'`,
      `UPDATE accounts SET balance = 0 WHERE account_id = 'cust-linus/available/EUR';
       ALTER TABLE accounts ADD CONSTRAINT balance_not_negative CHECK (kind = 'bank' OR balance >= 0)`,
    ],
    [
      'money-lost: cust-ada/held/EUR: has 0, its authorisations hold',
      'payment',
      `UPDATE authorisations SET state = 'HELD' WHERE ${undone}`,
      `UPDATE authorisations SET state = 'VOIDED' WHERE ${undone}`,
    ],
    [
      'charged-wrongly: completed',
      'payment',
      `UPDATE authorisations SET amount = amount + 1 WHERE ${done}`,
      `UPDATE authorisations SET amount = amount - 1 WHERE ${done}`,
    ],
    [
      'stock-lost: sku-pen: .*received',
      'inventory',
      `ALTER TABLE stock DROP CONSTRAINT stock_conserved; UPDATE stock SET on_hand = on_hand + 1 WHERE sku = 'sku-pen'`,
      `UPDATE stock SET on_hand = on_hand - 1 WHERE sku = 'sku-pen';
       ALTER TABLE stock ADD CONSTRAINT stock_conserved CHECK (on_hand + reserved + shipped = received)`,
    ],
    [
      'stock-lost: sku-tea: .*its reservations say',
      'inventory',
      `UPDATE reservation_lines SET quantity = quantity + 1 FROM reservations AS r
       WHERE r.reservation_id = reservation_lines.reservation_id AND ${done} AND sku = 'sku-tea'`,
      `UPDATE reservation_lines SET quantity = quantity - 1 FROM reservations AS r
       WHERE r.reservation_id = reservation_lines.reservation_id AND ${done} AND sku = 'sku-tea'`,
    ],
    [
      'done-twice: order-undone: became REJECTED 2 times',
      'order',
      `INSERT INTO order_history (order_id, status) VALUES ('undone', 'REJECTED')`,
      `DELETE FROM order_history WHERE ${undone} AND reason IS NULL AND status = 'REJECTED'`,
    ],
    [
      'done-twice: order-undone: 2 orders',
      'order',
      `UPDATE orders SET saga_id = 'order-undone' WHERE ${done}`,
      `UPDATE orders SET saga_id = 'order-completed' WHERE ${done}`,
    ],
    [
      'done-twice: order-undone: 2 entries of kind void',
      'payment',
      `INSERT INTO entries (kind, order_id, at) VALUES ('void', 'undone', 'epoch')`,
      `DELETE FROM entries WHERE at = 'epoch'`,
    ],
    [
      'done-twice: order-undone: 2 authorisations',
      'payment',
      `INSERT INTO authorisations (order_id, saga_id, customer_id, card, amount, currency, state, expires_at)
       SELECT order_id, saga_id, customer_id, card, amount, currency, state, 'epoch' FROM authorisations WHERE ${undone}`,
      `DELETE FROM authorisations WHERE expires_at = 'epoch'`,
    ],
    ['done-twice: order-undone: 2 reservations', 'inventory', twiceReserved.plant, twiceReserved.remove],
    [
      'done-twice: order-completed: 2 shipments',
      'shipping',
      `INSERT INTO shipments (order_id, saga_id, carrier, country, postal_code, price, currency, state, changed_at)
       SELECT order_id, saga_id, carrier, country, postal_code, price, currency, 'CANCELLED', 'epoch' FROM shipments WHERE ${done}`,
      `DELETE FROM shipments WHERE changed_at = 'epoch'`,
    ],
    [
      'nobodys: order-stranger: shipping holds DISPATCHED',
      'shipping',
      `UPDATE shipments SET saga_id = 'order-stranger' WHERE ${done}`,
      `UPDATE shipments SET saga_id = 'order-completed' WHERE ${done}`,
    ],
    [
      'half-done: order-completed: it completed; there stands order CONFIRMED, payment CAPTURED, inventory SHIPPED$',
      'shipping',
      `UPDATE shipments SET state = 'RETURNED' WHERE ${done}`,
      `UPDATE shipments SET state = 'DISPATCHED' WHERE ${done}`,
    ],
    [
      'half-done: order-completed: .*shipping DISPATCHED$',
      'shipping',
      `UPDATE shipment_lines SET quantity = quantity + 1`,
      `UPDATE shipment_lines SET quantity = quantity - 1`,
    ],
    [
      'half-undone: order-undone: .*inventory SHIPPED',
      'inventory',
      `UPDATE reservations SET state = 'SHIPPED' WHERE ${undone}`,
      `UPDATE reservations SET state = 'RELEASED' WHERE ${undone}`,
    ],
    [
      'left-behind: order-undone: .*inventory RESERVED',
      'inventory',
      `UPDATE reservations SET state = 'RESERVED' WHERE ${undone}`,
      `UPDATE reservations SET state = 'RELEASED' WHERE ${undone}`,
    ],
    [
      'answered-otherwise: order-undone: .*UNDELIVERABLE.*OUT_OF_STOCK',
      'order',
      `UPDATE orders SET reason = 'OUT_OF_STOCK' WHERE ${undone}`,
      `UPDATE orders SET reason = 'UNDELIVERABLE' WHERE ${undone}`,
    ],
    [
      'answered-otherwise: order-cancelled: .*the order is REJECTED',
      'order',
      `UPDATE orders SET status = 'REJECTED' WHERE order_id = 'cancelled'`,
      `UPDATE orders SET status = 'CANCELLED' WHERE order_id = 'cancelled'`,
    ],
    [
      'answered-otherwise: order-completed: its captureId is',
      'payment',
      `ALTER TABLE authorisations ADD kept uuid; UPDATE authorisations SET kept = capture_id, capture_id = gen_random_uuid() WHERE ${done}`,
      `UPDATE authorisations SET capture_id = kept WHERE ${done}; ALTER TABLE authorisations DROP kept`,
    ],
    [
      'answered-otherwise: order-completed: its total is',
      'order',
      `UPDATE orders SET total = total + 1 WHERE ${done}`,
      `UPDATE orders SET total = total - 1 WHERE ${done}`,
    ],
    [
      'never-done: order-completed: it completed without ship-stock',
      'inventory',
      `UPDATE saga_barrier SET step = 'other' WHERE step = 'ship-stock'`,
      `UPDATE saga_barrier SET step = 'ship-stock' WHERE step = 'other'`,
    ],
    [
      'undone-though-completed: order-completed: open-order was undone',
      'order',
      `UPDATE saga_barrier SET op = 'undo' WHERE saga_id = 'order-completed' AND step = 'open-order'`,
      `UPDATE saga_barrier SET op = 'do' WHERE saga_id = 'order-completed' AND step = 'open-order'`,
    ],
    [
      'never-undone: order-undone: .*reserve-stock was not undone',
      'inventory',
      `UPDATE saga_barrier SET step = 'other' WHERE saga_id = 'order-undone' AND op = 'undo'`,
      `UPDATE saga_barrier SET step = 'reserve-stock' WHERE saga_id = 'order-undone' AND op = 'undo'`,
    ],
    [
      'undone-in-disorder: order-undone: open-order was undone before reserve-stock',
      'order',
      `UPDATE saga_barrier SET created_at = created_at - interval '1 hour' WHERE saga_id = 'order-undone' AND op = 'undo'`,
      `UPDATE saga_barrier SET created_at = created_at + interval '1 hour' WHERE saga_id = 'order-undone' AND op = 'undo'`,
    ],
  ];

  test.each(planted)('%s', async (found, service, plant, remove) => {
    await pastTheTriggers(service, plant);
    const seen = await violations();
    await pastTheTriggers(service, remove);
    expect(seen).toContainEqual(expect.stringMatching(`^${found}`));
    expect(await violations()).toEqual([]);
  });

  test('a saga that completed though all of it was undone, and the other way round', async () => {
    const { answers } = await look();
    expect(answers).toHaveLength(3);
    await pastTheTriggers('order', `UPDATE orders SET saga_id = 'order-' || order_id || '-' WHERE ${undone}`);
    await pastTheTriggers('order', `UPDATE orders SET saga_id = 'order-undone' WHERE ${done}`);
    for (const [service, table] of [
      ['payment', 'authorisations'],
      ['inventory', 'reservations'],
      ['shipping', 'shipments'],
    ] as const)
      await pastTheTriggers(service, `UPDATE ${table} SET saga_id = 'order-undone' WHERE ${done}`);
    const seen = await violations();
    for (const [service, table] of [
      ['order', 'orders'],
      ['payment', 'authorisations'],
      ['inventory', 'reservations'],
      ['shipping', 'shipments'],
    ] as const)
      await pastTheTriggers(service, `UPDATE ${table} SET saga_id = 'order-' || order_id`);
    expect(seen).toContainEqual(expect.stringMatching('^undone-not: order-undone: it compensated'));
    expect(seen).toContainEqual(
      expect.stringMatching('^half-done: order-completed: it completed; there stands nothing'),
    );
    expect(await violations()).toEqual([]);
  });

  async function pastTheTriggers(service: ServiceName, sql: string): Promise<void> {
    const client = new Client({ connectionString: system.shop.urls[service] });
    await client.connect();
    try {
      await client.query(`SET session_replication_role = replica; ${sql}`);
    } finally {
      await client.end();
    }
  }
});

describe('a saga that does not end is found', () => {
  test('one that visibility shows and nobody has started', async () => {
    const known = new Set([...started].filter((sagaId) => sagaId !== 'order-undone'));
    expect(await violations(known)).toEqual([
      expect.stringMatching('^nobodys: order-undone'),
      expect.stringMatching('^nobodys: order-undone'),
      expect.stringMatching('^nobodys: order-undone'),
      'miscounted: visibility: it shows 3 sagas, 2 were started',
    ]);
  });

  test('one that was started and is not there', async () => {
    const findings = await look(new Set([...started, 'order-nowhere']));
    expect(findings.lost).toEqual(['order-nowhere']);
    expect(findings.violations.map(text)).toEqual([
      'miscounted: visibility: it shows 3 sagas, 4 were started',
    ]);
  });

  test('one that runs, and one that was ended by force', async () => {
    const sagaId = await place('running', large);
    expect((await look()).lost).toEqual([sagaId]);
    await system.env.client.workflow.getHandle(sagaId).terminate();
    expect((await look()).lost).toEqual([sagaId]);
  });

  test('one that is stuck is not lost', async () => {
    const sagaId = await place('stuck', large);
    await until('it to hold stock', async () => {
      const { steps } = await system.client.report(sagaId);
      return steps.some(({ name, state }) => name === 'reserve-stock' && state === 'succeeded');
    });
    await system.client.cancel(sagaId);
    await until('it to be listed as stuck', async () => (await look()).stuck.length > 0);
    expect(await look()).toMatchObject({ stuck: [sagaId], lost: ['order-running'] });
  });
});

test('a saga that was reset finds undone what the run before it undid, and answers another reason', async () => {
  const run = await ResettableRun.of(system.env.client, 'order-undone');
  await run.resetToEvent(run.tasks[0]);
  await until(
    'the new run to close',
    async () => (await system.client.waitForClose('order-undone')).kind === 'compensated',
  );
  await until('visibility to show both runs', async () => {
    const { answers } = await look();
    return answers.some(({ sagaId, wasReset }) => sagaId === 'order-undone' && wasReset);
  });
  const { answers, violations } = await look();
  expect(answers.find(({ sagaId }) => sagaId === 'order-undone')).toMatchObject({
    ended: 'compensated',
    reason: 'ACTION_BLOCKED',
  });
  expect(violations.filter(({ about }) => about === 'order-undone')).toEqual([]);
});
