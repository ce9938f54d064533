import { afterEach, beforeEach, expect, test } from '@jest/globals';
import type { ServiceName } from '../../services/names';
import { orderOf } from '../services/shop';
import { adminClient } from '../support/database';
import { until } from '../support/until';
import { members, Troupe } from './troupe';

let troupe: Troupe;
beforeEach(async () => {
  troupe = await Troupe.open('outages');
});
afterEach(async () => {
  await troupe.expectAllWell();
  await troupe.close();
});

const waiting = async (service: ServiceName) =>
  (await troupe.query(service, 'SELECT FROM graphile_worker.jobs')).length;

test('orders are taken while everything else is down, and go through when it comes back', async () => {
  const { orderId } = await troupe.desk.place(orderOf('early'));
  expect(await waiting('order')).toBe(3);
  await troupe.start(...members);
  expect(await troupe.desk.ended(orderId)).toMatchObject({ ended: 'completed' });
});

test('events wait for a service that is down', async () => {
  await troupe.start('order', 'payment', 'shipping', 'relay');
  await troupe.desk.place(orderOf('patient'));
  await until('the event to wait', async () => (await waiting('inventory')) === 1);
  await troupe.untilIdle('order', 'payment', 'shipping');
  await troupe.start('inventory');
  expect(await troupe.desk.ended('patient')).toMatchObject({ ended: 'completed' });
});

test('events wait for the relay', async () => {
  await troupe.start('order', 'payment', 'inventory', 'shipping', 'relay');
  await troupe.stop('relay');
  await troupe.desk.place(orderOf('unsent'));
  expect(await waiting('order')).toBe(3);
  await troupe.start('relay');
  expect(await troupe.desk.ended('unsent')).toMatchObject({ ended: 'completed' });
});

test('events wait for a database that is down', async () => {
  await troupe.start(...members);
  const database = new URL(troupe.urls.shipping).pathname.slice(1);
  const admin = await adminClient();
  try {
    await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS false`);
    await admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1', [
      database,
    ]);
    await troupe.desk.place(orderOf('cut-off'));
    await until('a delivery to fail', async () => {
      const sql = 'SELECT FROM graphile_worker.jobs WHERE last_error IS NOT NULL';
      return (await troupe.query('order', sql)).length > 0;
    });
    await admin.query(`ALTER DATABASE ${database} ALLOW_CONNECTIONS true`);
  } finally {
    await admin.end();
  }
  expect(await troupe.desk.ended('cut-off')).toMatchObject({ ended: 'completed' });
});

test('an event that comes after its compensation does nothing', async () => {
  await troupe.start('order', 'payment', 'shipping', 'relay');
  await troupe.desk.place(orderOf('late', { customerId: 'cust-ken', card: 'card-ken' }));
  await until('both events to wait', async () => (await waiting('inventory')) === 2);
  await troupe.reschedule('inventory', 'OrderOpened', 'late', '1 hour');
  await troupe.start('inventory');
  expect(await troupe.desk.ended('late')).toMatchObject({ ended: 'compensated', reason: 'CARD_DECLINED' });
  await troupe.reschedule('inventory', 'OrderOpened', 'late', '0');
  await troupe.untilIdle();
  expect(await troupe.query('inventory', 'SELECT FROM reservations')).toEqual([]);
});

test('an order whose job has used up its attempts is found, and goes on when the job is rescheduled', async () => {
  await troupe.start('order', 'payment', 'shipping', 'relay');
  await troupe.desk.place(orderOf('stuck'));
  await until('the event to wait', async () => (await waiting('inventory')) === 1);
  await troupe.query('inventory', 'SELECT graphile_worker.reschedule_jobs(array[1], attempts => 2000)');
  await troupe.start('inventory');
  const open = `SELECT order_id AS id FROM orders JOIN order_history USING (order_id, status)
                WHERE status = 'PENDING' GROUP BY order_id HAVING max(at) < now()`;
  expect(await troupe.query('order', open)).toEqual([{ id: 'stuck' }]);
  const jobs = `SELECT id, key, attempts = max_attempts AS exhausted FROM graphile_worker.jobs
                WHERE key LIKE '% stuck'`;
  expect(await troupe.query('inventory', jobs)).toEqual([
    { id: '1', key: 'OrderOpened stuck', exhausted: true },
  ]);
  await troupe.query('inventory', 'SELECT graphile_worker.reschedule_jobs(array[1], attempts => 0)');
  expect(await troupe.desk.ended('stuck')).toMatchObject({ ended: 'completed' });
});
