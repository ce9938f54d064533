import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Client, Connection } from '@temporalio/client';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';
import { placeOf } from '../../dev/share';
import type { TemporalPlace } from '../../dev/temporal-server';
import { waitUntil } from '../../dev/wait-until';
import { type Command, cutPower, runningOn, startCommand } from '../support/command';
import type { Summary } from './summary';

interface Example {
  readonly name: string;
  readonly order: object;
}

interface StartOutput {
  readonly ok: boolean;
  readonly orders: readonly { readonly orderId: string; readonly status: string }[];
  readonly invariants: readonly { readonly holds: boolean }[];
}

let home: string;
/** The histories of a run that went wrong are what tells why. */
let keepsState = false;
let commands: Command[];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'unwind-power-'));
  chmodSync(home, 0o711);
  commands = [];
});

afterEach(async () => {
  for (const { child, exited } of commands) {
    child.kill('SIGINT');
    await exited;
  }
  if (!keepsState) rmSync(home, { recursive: true });
});

function started(command: Command): Command {
  commands.push(command);
  return command;
}

const startChaos = (...args: string[]) => started(startCommand('chaos', [...args, '--home', home]));

const untilGone = () =>
  waitUntil('all of it to be gone', 20_000, () => runningOn(home).length === 0 || undefined);

const untilStarted = ({ said }: Command, sagas: number) =>
  waitUntil(`${sagas} sagas to be started`, 120_000, () => {
    const last = [...said.err.matchAll(/(\d+) started, (\d+) open/g)].at(-1);
    return (Number(last?.[1] ?? 0) >= sagas && Number(last?.[2]) > 0) || undefined;
  });

const sagas = 60;
const orders = 60;

test('a power cut in the middle of many sagas under faults: started again on the same data, all end as promised', async () => {
  const args = ['--sagas', `${sagas}`, '--seed', '3', '--faults', 'cancel,duplicate', '--json'];
  const first = startChaos(...args);
  await untilStarted(first, sagas * 0.4);
  cutPower(first);
  expect(await first.exited).toBeNull();
  await untilGone();

  const second = startChaos(...args);
  const code = await second.exited;
  expect({ code, err: code === 0 ? '' : second.said.err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(second.said.out) as Summary).toMatchObject({
    started: sagas,
    stuck: 0,
    lost: 0,
    violations: [],
  });
}, 500_000);

test('a power cut in the middle of `npm start`: started again on the same data, all orders end as promised', async () => {
  const examples = JSON.parse(
    readFileSync(join(projectRoot, 'examples/orders/orders.json'), 'utf8'),
  ) as Example[];
  const many = Array.from({ length: orders }, (_, index) => {
    const example = examples[index % examples.length] as Example;
    // With an id of its own an order is placed once, however often the file is.
    return { ...example, order: { ...example.order, orderId: `${example.name}-${index}` } };
  });
  const file = join(home, 'many.json');
  writeFileSync(file, JSON.stringify(many));
  const startOrders = () =>
    started(startCommand('start', ['--orders', file, '--json'], { ...process.env, UNWIND_HOME: home }));

  const first = startOrders();
  const { address } = await waitUntil('Temporal', 120_000, () => placeOf<TemporalPlace>(home, 'temporal'));
  const connection = await Connection.connect({ address });
  const { workflow } = new Client({ connection });
  const inState = async (status: string) =>
    (await workflow.count(`WorkflowType = 'fulfilOrder' AND ExecutionStatus ${status}`)).count;
  await waitUntil(
    'some of them to have ended',
    120_000,
    async () => (await inState(`!= 'Running'`)) >= orders / 5 || undefined,
  );
  const open = await inState(`= 'Running'`);
  cutPower(first);
  await connection.close();
  expect(open).toBeGreaterThan(orders / 5);
  expect(await first.exited).toBeNull();
  await untilGone();

  const second = startOrders();
  const code = await second.exited;
  if (code !== 0) keepsState = true;
  expect({ code, err: code === 0 ? '' : `${second.said.err}\n${home} is kept` }).toEqual({
    code: 0,
    err: '',
  });
  const { ok, orders: ended, invariants } = JSON.parse(second.said.out) as StartOutput;
  expect(ok).toBe(true);
  expect(invariants.map(({ holds }) => holds)).not.toContain(false);
  expect(ended.map(({ orderId }) => orderId)).toEqual(many.map(({ order }) => order.orderId));
  const statuses = new Set(ended.map(({ status }) => status));
  expect([...statuses].toSorted()).toEqual(['cancelled', 'compensated', 'completed']);
}, 500_000);

test('a Ctrl-C in the middle ends every process', async () => {
  const run = startChaos('--sagas', '20', '--seed', '4');
  await untilStarted(run, 5);
  expect(runningOn(home).length).toBeGreaterThan(10);
  run.child.kill('SIGINT');
  expect(await run.exited).toBe(130);
  await untilGone();
}, 200_000);
