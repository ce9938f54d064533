import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { serviceNames } from '../../services/names';
import { fulfilment } from '../../services/order/fulfilment';
import type { Advice } from '../../src/client';
import { type Placement, placements } from '../../src/saga';
import { settingOf } from '../../src/worker';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { until } from '../support/until';
import { AuditedShop, effects, ACTING_MS } from './audited-shop';

/** How many are terminated at a random moment. */
const ORDERS = sized(60, 24);

let shop: AuditedShop;
beforeAll(async () => {
  shop = await AuditedShop.open('audit-terminated');
});
afterAll(() => shop.close());

test('the audit finds every saga that was terminated at a random moment, and its rescues leave nothing', async () => {
  const seed = printedSeed('fulfilment/audit-terminated.test.ts');
  const express = new Set<string>();
  const orders = shop.faults.plan(seed, ORDERS, (sagaId) => shop.workflow(sagaId).terminate('by the test'));
  for (let from = 0; from < orders.length; from += 12) {
    await Promise.all(
      orders.slice(from, from + 12).map(async (order, index) => {
        const placement = placements[index % placements.length] as Placement;
        const { sagaId } = await shop.placing(placement).start(fulfilment, order);
        if (placement === 'express') express.add(sagaId);
        await shop
          .workflow(sagaId)
          .result()
          .catch(() => undefined);
      }),
    );
  }
  const lastEnd = Date.now();
  await until(
    'no worker is at a task of them any more',
    () => shop.faults.inFlight === 0 && Date.now() > lastEnd + ACTING_MS + 1_000,
  );

  let terminated = 0;
  const expected = new Map<string, { advice: Advice; remaining: string[] }>();
  for (const { orderId } of orders) {
    const sagaId = `order-${orderId}`;
    const { status } = await shop.workflow(sagaId).describe();
    if (status.name !== 'TERMINATED') {
      const kind = status.name === 'COMPLETED' ? 'completed' : 'compensated';
      shop.ended.push({ orderId, workflowId: sagaId, ended: kind });
      continue;
    }
    shop.undone(orderId);
    terminated += 1;
    const { events } = await shop.workflow(sagaId).fetchHistory();
    const scheduled = (events ?? []).map(
      (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
    );
    const remaining = await shop.remaining(sagaId);
    const passed = scheduled.includes('capturePayment') || remaining.includes('payment/capture-payment');
    const advice = passed ? 'reverse' : 'rescue';
    if (remaining.length > 0) expected.set(sagaId, { advice, remaining });
  }
  process.stderr.write(`${terminated} orders were terminated, ${expected.size} left effects\n`);
  expect(terminated).toBeGreaterThan(ORDERS * 0.8);
  expect(expected.size).toBeGreaterThan(terminated / 2);

  const found = await shop.audit();
  const bySaga = new Map(found.map((finding) => [finding.sagaId, finding]));
  expect(bySaga.size).toBe(found.length);
  for (const [sagaId, { advice, remaining }] of expected) {
    expect({ sagaId, ...bySaga.get(sagaId) }).toMatchObject({ sagaId, code: 'TERMINATED', advice });
    expect(effects(bySaga.get(sagaId))).toEqual(expect.arrayContaining(remaining));
  }
  for (const { sagaId } of found)
    expect((await shop.workflow(sagaId).describe()).status.name).toBe('TERMINATED');
  const advised = found.filter(({ advice }) => advice === 'rescue').map(({ sagaId }) => sagaId);
  expect(advised.length).toBeLessThan(found.length);

  expect(await shop.audit({ pageSize: 2 })).toEqual(found);
  const byHistory = new Set<string>();
  await until('visibility knows of all of them', async () => {
    for (const { sagaId } of await shop.auditHistories()) byHistory.add(sagaId);
    return found.every(({ sagaId }) => byHistory.has(sagaId));
  });

  const rescued = await shop.audit({ rescue: true });
  expect(rescued.filter(({ rescueId }) => rescueId !== undefined).map(({ sagaId }) => sagaId)).toEqual(
    advised,
  );
  for (const sagaId of advised) {
    expect(await shop.client.waitForClose(`${sagaId}-rescue`)).toMatchObject({ kind: 'completed' });
  }
  const left = await shop.audit({ rescue: true });
  expect(left.map(({ advice }) => advice)).toEqual(left.map(() => 'reverse'));
  expect(left.map(({ sagaId }) => sagaId)).toEqual(
    found.filter(({ advice }) => advice === 'reverse').map(({ sagaId }) => sagaId),
  );
  for (const { sagaId } of left) await shop.client.waitForClose((await shop.client.reverse(sagaId)).rescueId);
  expect(await shop.audit()).toEqual([]);
  const byHistories = await shop.auditHistories();
  expect(byHistories.filter(({ sagaId }) => !express.has(sagaId))).toEqual([]);
  expect(byHistories.map(({ advice }) => advice)).toEqual(byHistories.map(() => 'by-hand'));
});

test('the command line prints one line for each finding and a last one, and its exit code says whether any is left', async () => {
  const sagaId = await shop.waiting('commanded');
  await shop.workflow(sagaId).terminate();
  const found = await shop.command(['audit', '--json']);
  expect(found.lines).toMatchObject([
    { sagaId, code: 'TERMINATED', advice: 'rescue' },
    { findings: 1, rescued: 0, remaining: 1 },
  ]);
  expect(found.code).toBe(3);
  const rescued = await shop.command(['audit', '--rescue', '--json']);
  expect(rescued.lines).toMatchObject([{ sagaId, rescueId: `${sagaId}-rescue` }, { remaining: 0 }]);
  expect(rescued.code).toBe(0);
  await shop.client.waitForClose(`${sagaId}-rescue`);
  expect(await shop.command(['audit', '--json'])).toMatchObject({
    code: 0,
    lines: [{ findings: 0, rescued: 0, remaining: 0 }],
  });
  shop.undone('commanded');
});

test('an audit that cannot be made says why, and exits with 1', async () => {
  const none = Object.fromEntries(serviceNames.map((service) => [settingOf(service, 'DATABASE_URL'), '']));
  const unknown = { ...none, DATABASE_URL: '', UNWIND_HOME: join(tmpdir(), 'unwind-no-home') };
  const nowhere = { [settingOf('payment', 'DATABASE_URL')]: 'postgres://nobody@127.0.0.1:1/nothing' };
  const [first, second] = [await shop.command(['audit'], unknown), await shop.command(['audit'], nowhere)];
  expect([first.code, second.code]).toEqual([1, 1]);
  expect([...first.lines, ...second.lines]).toEqual([]);
  expect(first.trouble).toContain('RECORDS_UNKNOWN');
  expect(second.trouble).toMatch(/DATABASE_UNREACHABLE: .* payment .*\n.*PAYMENT_DATABASE_URL/);
});

test('at the end all invariants hold, and each order is all done or all undone', async () => {
  expect(await shop.violations()).toEqual([]);
  expect(shop.ended.length).toBeGreaterThan(ORDERS);
});
