import { settingOf } from '../../src/worker';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Advice, type Finding, SagaClient } from '../../src/client';
import { RecordsReader } from '../../src/participant';
import { projectRoot } from '../../dev/home';
import { type Placement, placements, resolveStep } from '../../src/saga';
import { checkInvariants, type EndedSaga } from '../../services/invariants';
import { serviceNames } from '../../services/names';
import { fulfilment } from '../../services/order/fulfilment';
import { callOf, orderOf, perform } from '../services/shop';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { Faults } from './faults';
import { openShopSystem, type ShopSystem } from './shop-system';

/** For so long a worker may go on with an express saga that has been terminated; by default it is ten seconds. */
const TASK_TIMEOUT_MS = 3_000;
/** How many are terminated at a random moment. */
const ORDERS = sized(60, 24);

const faults = new Faults();
let system: ShopSystem;
let client: SagaClient;
beforeAll(async () => {
  const server = localServer([
    '--dynamic-config-value',
    `history.defaultWorkflowTaskTimeout="${TASK_TIMEOUT_MS / 1_000}s"`,
  ]);
  system = await openShopSystem('audit', undefined, (shop) => faults.wrap(shop), server);
  const records = serviceNames.map((service) => new RecordsReader(service, system.shop.databases[service]));
  client = new SagaClient(system.env.client, { records, rescueQueue: fulfilment.taskQueue });
});
afterAll(async () => {
  faults.releaseAll();
  await system.close();
});

const ended: EndedSaga[] = [];
const large = { lines: [{ sku: 'sku-laptop', quantity: 1 }] };

/** A client that starts its sagas there; it knows no records. */
const placing = (placement: Placement) =>
  new SagaClient(system.env.client, { placements: { [fulfilment.workflow]: placement } });

async function start(order: ReturnType<typeof orderOf>): Promise<string> {
  return (await client.start(fulfilment, order)).sagaId;
}

const workflow = (sagaId: string) => system.env.client.workflow.getHandle(sagaId);

async function take(findings: AsyncIterable<Finding>): Promise<Finding[]> {
  const found: Finding[] = [];
  for await (const finding of findings) found.push(finding);
  return found.sort((a, b) => a.sagaId.localeCompare(b.sagaId));
}

const audit = (options?: Parameters<SagaClient['audit']>[0]) => take(client.audit(options));

/** Starts a large order, which waits for its review with three steps done. */
async function waiting(orderId: string): Promise<string> {
  const sagaId = await start(orderOf(orderId, large));
  await until(`${sagaId} to wait for its review`, async () => {
    const { steps } = await client.report(sagaId);
    return steps.length === 3 && steps.every(({ state }) => state === 'succeeded');
  });
  return sagaId;
}

async function deleteWorkflow(sagaId: string): Promise<void> {
  const { workflowService, options } = system.env.client;
  const request = { namespace: options.namespace, workflowExecution: { workflowId: sagaId } };
  await workflowService.deleteWorkflowExecution(request);
  await until(`${sagaId} is deleted`, async () =>
    workflow(sagaId)
      .describe()
      .then(
        () => false,
        () => true,
      ),
  );
}

/** Changes the rows of a saga in all four databases, as only an accident does. */
async function tamper(sql: string, ...values: unknown[]): Promise<void> {
  for (const service of serviceNames) await system.shop.databases[service].query(sql, values);
}

/** `service/step` of what was done and not undone, by SQL of the test's own. */
async function remainingRows(sagaId: string): Promise<string[]> {
  const found = await Promise.all(
    serviceNames.map(async (service) =>
      (
        await system.shop.databases[service].query<{ step: string }>(
          `SELECT step FROM saga_barrier WHERE saga_id = $1 AND op = 'do' AND state = 'done'
           EXCEPT SELECT step FROM saga_barrier WHERE saga_id = $1 AND op = 'undo'`,
          [sagaId],
        )
      ).map(({ step }) => `${service}/${step}`),
    ),
  );
  return found.flat().sort();
}

/** Runs the command line of an installation that has this system's servers. */
async function command(args: readonly string[], changed: Record<string, string> = {}) {
  const { urls } = system.shop;
  const env = {
    ...process.env,
    ...Object.fromEntries(serviceNames.map((service) => [settingOf(service, 'DATABASE_URL'), urls[service]])),
    TEMPORAL_ADDRESS: system.env.address,
    ...changed,
  };
  const bootstrap = join(projectRoot, 'dev/bootstrap.mjs');
  const run = spawn(process.execPath, [bootstrap, 'cli', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  run.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  run.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  const [code] = (await once(run, 'close')) as unknown[];
  const lines = said.out.split('\n').filter((line) => line !== '');
  return { code, lines: lines.map((line) => JSON.parse(line) as unknown), trouble: said.err };
}

const effects = (finding: Finding | undefined) =>
  finding?.effects.map(({ participant, step }) => `${participant}/${step}`).sort();

function undone(orderId: string): void {
  ended.push({ orderId, workflowId: `order-${orderId}`, ended: 'compensated' });
}

const held = ['inventory/reserve-stock', 'order/open-order', 'payment/authorise-payment'];

describe('the audit', () => {
  test('finds nothing where every saga is done, undone, or on its way', async () => {
    const ends = ['completed', 'compensated', 'completed', 'cancelled'];
    const good = await start(orderOf('good'));
    const refused = await start(orderOf('refused', { shipTo: { country: 'AQ', postalCode: '00' } }));
    const regretted = await start(orderOf('regretted'));
    const cancelled = await waiting('cancelled');
    await waiting('running');
    await client.cancel(cancelled);
    const kinds = [];
    for (const sagaId of [good, refused, regretted, cancelled])
      kinds.push((await client.waitForClose(sagaId)).kind);
    expect(kinds).toEqual(ends);
    await client.waitForClose((await client.reverse(regretted)).rescueId);
    expect(await remainingRows(good)).toHaveLength(8);
    expect(await remainingRows(regretted)).toHaveLength(3);
    expect(await audit()).toEqual([]);
    ended.push({ orderId: 'good', workflowId: good, ended: 'completed' });
    ended.push({ orderId: 'cancelled', workflowId: cancelled, ended: 'cancelled' });
    undone('refused');
    undone('regretted');
    await client.cancel('order-running');
    await client.waitForClose('order-running');
  });

  test('a saga whose workflow was deleted is found; a person has it rescued, from the records alone', async () => {
    const sagaId = await waiting('deleted');
    await deleteWorkflow(sagaId);
    const [finding, ...others] = await audit({ pageSize: 2 });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ sagaId, code: 'GONE', advice: 'by-hand' });
    expect(effects(finding)).toEqual(held);
    expect(finding).not.toHaveProperty('rescueId');

    await expect(system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    // It could be a saga without a pivot that had completed.
    const [left] = await audit({ rescue: true });
    expect(left).toMatchObject({ sagaId, advice: 'by-hand' });
    expect(left).not.toHaveProperty('rescueId');
    expect(await client.rescue(sagaId)).toMatchObject({ rescueId: `${sagaId}-rescue` });
    const outcome = await client.waitForClose(`${sagaId}-rescue`);
    expect(outcome).toMatchObject({ kind: 'completed', result: { status: 'compensated' } });
    expect(await remainingRows(sagaId)).toEqual([]);
    expect(await audit()).toEqual([]);
    undone('deleted');
  });

  test('the records undo strictly in the reverse of the order in which the steps began', async () => {
    const sagaId = await waiting('strict');
    await deleteWorkflow(sagaId);
    faults.calls.length = 0;
    await client.waitForClose((await client.rescue(sagaId)).rescueId);
    const undos = faults.calls.filter((call) => call.sagaId === sagaId);
    expect(undos.map(({ op, step }) => `${op} ${step}`)).toEqual([
      'undo authorise-payment',
      'undo reserve-stock',
      'undo open-order',
    ]);
    expect(undos.map(({ key }) => key)).toContain(`default/${sagaId}/open-order/undo`);
    await expect(client.rescue('order-none')).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    undone('strict');
  });

  test('local activities that no history tells of are undone from the records, one that comes late as well', async () => {
    faults.at('order-express', 'do authorise-payment', 'held');
    const express = placing('express');
    const { sagaId } = await express.start(fulfilment, orderOf('express'));
    await faults.arrived(sagaId, 'do authorise-payment');
    await until('the stock is reserved', async () => (await remainingRows(sagaId)).length === 2);
    await workflow(sagaId).terminate();
    await expect(system.client.rescue(sagaId)).rejects.toMatchObject({ code: 'RECORDS_NEEDED' });
    await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_RUNNING' });
    expect(await audit()).toEqual([]);

    let finding: Finding | undefined;
    await until('its worker has noticed', async () => ([finding] = await audit())[0] !== undefined);
    expect(finding).toMatchObject({ sagaId, code: 'TERMINATED', advice: 'rescue' });
    expect(effects(finding)).toEqual(['inventory/reserve-stock', 'order/open-order']);
    const { rescueId } = await client.rescue(sagaId);
    await client.waitForClose(rescueId);
    expect(await audit()).toEqual([]);

    faults.release(sagaId, 'do authorise-payment');
    await until('the payment is authorised', async () => (await remainingRows(sagaId)).length === 1);
    const [late] = await audit({ rescue: true });
    expect(late).toMatchObject({ sagaId, code: 'EFFECTS_REMAIN', advice: 'rescue', rescueId });
    expect(effects(late)).toEqual(['payment/authorise-payment']);
    await client.waitForClose(rescueId);
    expect(await remainingRows(sagaId)).toEqual([]);
    expect(await audit()).toEqual([]);
    undone('express');
  });

  test('what arrives after its rescue is found again, and rescued again under the same id', async () => {
    faults.at('order-late', 'do reserve-stock', 'held');
    const sagaId = await start(orderOf('late', large));
    await faults.arrived(sagaId, 'do reserve-stock');
    await until('the payment is authorised', async () => (await remainingRows(sagaId)).length === 2);
    await deleteWorkflow(sagaId);
    const { rescueId } = await client.rescue(sagaId);
    await client.waitForClose(rescueId);
    expect(await audit()).toEqual([]);
    faults.release(sagaId, 'do reserve-stock');
    await until('the stock is reserved', async () => (await remainingRows(sagaId)).length === 1);

    const [finding] = await audit({ rescue: true });
    expect(finding).toMatchObject({ sagaId, code: 'EFFECTS_REMAIN', advice: 'rescue', rescueId });
    expect(effects(finding)).toEqual(['inventory/reserve-stock']);
    await client.waitForClose(rescueId);
    expect(await remainingRows(sagaId)).toEqual([]);
    await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    expect(await audit()).toEqual([]);
    undone('late');
  });

  test('a saga that has undone itself, and of which something stands all the same', async () => {
    const sagaId = 'order-refused';
    await tamper(
      `DELETE FROM saga_barrier WHERE saga_id = $1 AND op = 'undo' AND step = 'reserve-stock'`,
      sagaId,
    );
    const cancelled = 'order-cancelled';
    await tamper(
      `DELETE FROM saga_barrier WHERE saga_id = $1 AND op = 'undo' AND step = 'open-order'`,
      cancelled,
    );
    const found = await audit({ rescue: true });
    expect(found).toMatchObject([
      { sagaId: cancelled, code: 'EFFECTS_REMAIN', advice: 'by-hand' },
      { sagaId, code: 'EFFECTS_REMAIN', advice: 'by-hand' },
    ]);
    expect(found.map(effects)).toEqual([['order/open-order'], ['inventory/reserve-stock']]);
    const restore = `INSERT INTO saga_barrier (namespace, saga_id, step, op, state, input)
      SELECT namespace, saga_id, step, 'undo', 'done', input FROM saga_barrier WHERE saga_id = ANY ($1) AND state = 'done'
      ON CONFLICT DO NOTHING`;
    await tamper(restore, [sagaId, cancelled]);
    expect(await audit()).toEqual([]);
  });

  test('a stuck saga is shown to the desk, and what an operator resolved by hand is accounted for', async () => {
    faults.at('order-stuck', 'undo reserve-stock', 'broken');
    const sagaId = await waiting('stuck');
    await client.cancel(sagaId);
    await until('it is stuck', async () => (await client.outcome(sagaId)).kind === 'stuck');
    let found: Finding[] = [];
    await until('visibility knows', async () => (found = await audit()).length > 0);
    expect(found).toMatchObject([{ sagaId, code: 'STUCK', advice: 'desk' }]);
    expect(found[0]?.message).toContain('reserve-stock');
    await client.update(sagaId, resolveStep, {
      step: 'reserve-stock',
      actor: 'grace',
      reason: 'moved it myself',
    });
    await client.waitForClose(sagaId);
    expect(await remainingRows(sagaId)).toEqual(['inventory/reserve-stock']);
    expect(await audit()).toEqual([]);
    const { lines } = orderOf('stuck', large);
    await perform(
      system.shop.releaseStock,
      { input: { orderId: 'stuck', lines } },
      callOf(sagaId, 'reserve-stock', 'undo'),
    );
    ended.push({ orderId: 'stuck', workflowId: sagaId, ended: 'cancelled' });
  });

  test('a reverse that was ended half-way', async () => {
    faults.at('order-half', 'undo reserve-stock', 'held');
    const sagaId = await start(orderOf('half'));
    await client.waitForClose(sagaId);
    const { rescueId } = await client.reverse(sagaId);
    await faults.arrived(sagaId, 'undo reserve-stock');
    await workflow(rescueId).terminate();
    faults.release(sagaId, 'undo reserve-stock');
    let found: Finding[] = [];
    await until('visibility knows', async () => (found = await audit({ rescue: true })).length > 0);
    expect(found).toMatchObject([{ sagaId, code: 'REVERSE_ENDED', advice: 'reverse' }]);
    expect(await client.reverse(sagaId)).toMatchObject({ started: true });
    await client.waitForClose(rescueId);
    expect(await audit()).toEqual([]);
    undone('half');
  });

  test('past retention a gone saga with a pivot is a completed one; without, it is left to a person', async () => {
    const completed = 'order-never-there';
    await client.waitForClose(await start(orderOf('archived')));
    await tamper(`UPDATE saga_barrier SET saga_id = $1 WHERE saga_id = 'order-archived'`, completed);
    expect(await audit()).toMatchObject([{ sagaId: completed, code: 'GONE', advice: 'reverse' }]);
    const unknown = await waiting('forgotten');
    await deleteWorkflow(unknown);
    await tamper(`UPDATE saga_barrier SET created_at = now() - interval '9 years' WHERE saga_id = ANY ($1)`, [
      completed,
      unknown,
    ]);
    const [finding, ...others] = await audit({ rescue: true });
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ sagaId: unknown, code: 'GONE_PAST_RETENTION', advice: 'by-hand' });
    expect(finding).not.toHaveProperty('rescueId');
    await client.waitForClose((await client.rescue(unknown)).rescueId);
    expect(await audit()).toEqual([]);
    ended.push({ orderId: 'archived', workflowId: 'order-archived', ended: 'completed' });
    undone('forgotten');
  });

  test('what a workflow of another namespace did is none of this one’s business', async () => {
    const sagaId = await waiting('foreign');
    await deleteWorkflow(sagaId);
    await tamper(`UPDATE saga_barrier SET namespace = 'elsewhere' WHERE saga_id = $1`, sagaId);
    expect(await audit({ rescue: true })).toEqual([]);
    await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    await tamper(`UPDATE saga_barrier SET namespace = $2 WHERE saga_id = $1`, sagaId, 'default');
    await client.waitForClose((await client.rescue(sagaId)).rescueId);
    undone('foreign');
  });

  test('finds every saga that was terminated at a random moment, and its rescues leave nothing', async () => {
    const seed = printedSeed('audit.test.ts');
    const express = new Set<string>();
    const orders = faults.plan(seed, ORDERS, (sagaId) => workflow(sagaId).terminate('by the test'));
    for (let from = 0; from < orders.length; from += 12) {
      await Promise.all(
        orders.slice(from, from + 12).map(async (order, index) => {
          const placement = placements[index % placements.length] as Placement;
          const { sagaId } = await placing(placement).start(fulfilment, order);
          if (placement === 'express') express.add(sagaId);
          await workflow(sagaId)
            .result()
            .catch(() => undefined);
        }),
      );
    }
    const lastEnd = Date.now();
    await until(
      'no worker is at a task of them any more',
      () => faults.inFlight === 0 && Date.now() > lastEnd + TASK_TIMEOUT_MS + 1_000,
    );

    let terminated = 0;
    const expected = new Map<string, { advice: Advice; remaining: string[] }>();
    for (const { orderId } of orders) {
      const sagaId = `order-${orderId}`;
      const { status } = await workflow(sagaId).describe();
      if (status.name !== 'TERMINATED') {
        const kind = status.name === 'COMPLETED' ? 'completed' : 'compensated';
        ended.push({ orderId, workflowId: sagaId, ended: kind });
        continue;
      }
      undone(orderId);
      terminated += 1;
      const { events } = await workflow(sagaId).fetchHistory();
      const scheduled = (events ?? []).map(
        (event) => event.activityTaskScheduledEventAttributes?.activityType?.name,
      );
      const remaining = await remainingRows(sagaId);
      const passed = scheduled.includes('capturePayment') || remaining.includes('payment/capture-payment');
      const advice = passed ? 'reverse' : 'rescue';
      if (remaining.length > 0) expected.set(sagaId, { advice, remaining });
    }
    process.stderr.write(
      `audit.test.ts: ${terminated} orders were terminated, ${expected.size} left effects\n`,
    );
    expect(terminated).toBeGreaterThan(ORDERS * 0.8);
    expect(expected.size).toBeGreaterThan(terminated / 2);

    const found = await audit();
    const bySaga = new Map(found.map((finding) => [finding.sagaId, finding]));
    expect(bySaga.size).toBe(found.length);
    for (const [sagaId, { advice, remaining }] of expected) {
      expect({ sagaId, ...bySaga.get(sagaId) }).toMatchObject({ sagaId, code: 'TERMINATED', advice });
      expect(effects(bySaga.get(sagaId))).toEqual(expect.arrayContaining(remaining));
    }
    for (const { sagaId } of found)
      expect((await workflow(sagaId).describe()).status.name).toBe('TERMINATED');
    const advised = found.filter(({ advice }) => advice === 'rescue').map(({ sagaId }) => sagaId);
    expect(advised.length).toBeLessThan(found.length);

    expect(await audit({ pageSize: 2 })).toEqual(found);
    const byHistory = new Set<string>();
    await until('visibility knows of all of them', async () => {
      for (const { sagaId } of await take(system.client.audit())) byHistory.add(sagaId);
      return found.every(({ sagaId }) => byHistory.has(sagaId));
    });

    const rescued = await audit({ rescue: true });
    expect(rescued.filter(({ rescueId }) => rescueId !== undefined).map(({ sagaId }) => sagaId)).toEqual(
      advised,
    );
    for (const sagaId of advised) {
      expect(await client.waitForClose(`${sagaId}-rescue`)).toMatchObject({ kind: 'completed' });
    }
    const left = await audit({ rescue: true });
    expect(left.map(({ advice }) => advice)).toEqual(left.map(() => 'reverse'));
    expect(left.map(({ sagaId }) => sagaId)).toEqual(
      found.filter(({ advice }) => advice === 'reverse').map(({ sagaId }) => sagaId),
    );
    for (const { sagaId } of left) await client.waitForClose((await client.reverse(sagaId)).rescueId);
    expect(await audit()).toEqual([]);
    const byHistories = await take(system.client.audit());
    expect(byHistories.filter(({ sagaId }) => !express.has(sagaId))).toEqual([]);
    expect(byHistories.map(({ advice }) => advice)).toEqual(byHistories.map(() => 'by-hand'));
  });
});

test('the command line prints one line for each finding and a last one, and its exit code says whether any is left', async () => {
  const sagaId = await waiting('commanded');
  await workflow(sagaId).terminate();
  const found = await command(['audit', '--json']);
  expect(found.lines).toMatchObject([
    { sagaId, code: 'TERMINATED', advice: 'rescue' },
    { findings: 1, rescued: 0, remaining: 1 },
  ]);
  expect(found.code).toBe(3);
  const rescued = await command(['audit', '--rescue', '--json']);
  expect(rescued.lines).toMatchObject([{ sagaId, rescueId: `${sagaId}-rescue` }, { remaining: 0 }]);
  expect(rescued.code).toBe(0);
  await client.waitForClose(`${sagaId}-rescue`);
  expect(await command(['audit', '--json'])).toMatchObject({
    code: 0,
    lines: [{ findings: 0, rescued: 0, remaining: 0 }],
  });
  undone('commanded');
});

test('an audit that cannot be made says why, and exits with 1', async () => {
  const none = Object.fromEntries(serviceNames.map((service) => [settingOf(service, 'DATABASE_URL'), '']));
  const unknown = { ...none, DATABASE_URL: '', UNWIND_HOME: join(tmpdir(), 'unwind-no-home') };
  const nowhere = { [settingOf('payment', 'DATABASE_URL')]: 'postgres://nobody@127.0.0.1:1/nothing' };
  const [first, second] = [await command(['audit'], unknown), await command(['audit'], nowhere)];
  expect([first.code, second.code]).toEqual([1, 1]);
  expect([...first.lines, ...second.lines]).toEqual([]);
  expect(first.trouble).toContain('RECORDS_UNKNOWN');
  expect(second.trouble).toMatch(/DATABASE_UNREACHABLE: .* payment .*\n.*PAYMENT_DATABASE_URL/);
});

test('at the end all invariants hold, and each order is all done or all undone', async () => {
  const report = await checkInvariants(system.shop.urls, ended);
  expect(report.filter(({ holds }) => !holds)).toEqual([]);
  expect(ended.length).toBeGreaterThan(ORDERS);
});
