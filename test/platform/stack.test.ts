import { type WorkerKind, workerKinds } from '../../services/names';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeOf } from '../../dev/share';
import { waitUntil } from '../../dev/wait-until';
import { type Command, runningOn, startCommand } from '../support/command';

const withinMs = 90_000;
let home: string;
let env: NodeJS.ProcessEnv;
const started: Command[] = [];

beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'unwind-stack-'));
  chmodSync(home, 0o711);
  const order = { customerId: 'cust-ada', card: 'card-ada', lines: [{ sku: 'sku-tea', quantity: 1 }] };
  const shipTo = { country: 'DE', postalCode: '10115' };
  writeFileSync(join(home, 'orders.json'), JSON.stringify([{ name: 'tea', order: { ...order, shipTo } }]));
  env = { ...process.env, UNWIND_HOME: home };
  // Everything is to be started here, nothing to be found.
  delete env.DATABASE_URL;
});

afterAll(() => {
  for (const { child } of started) child.kill('SIGKILL');
  rmSync(home, { recursive: true });
});

function start(...options: string[]) {
  const command = startCommand('start', ['--orders', join(home, 'orders.json'), ...options], env);
  started.push(command);
  const { said } = command;
  const until = (text: string) =>
    waitUntil(`"${text}" in\n${said.err}`, withinMs, () => said.err.includes(text) || undefined);
  return { ...command, until };
}

/** The process that polls for a kind of worker now, as its log says. */
function workerOf(kind: WorkerKind): number {
  const lines = readFileSync(join(home, 'logs', `${kind}.log`), 'utf8').split('\n');
  const polling = lines.findLast((line) => line.includes('"msg":"polling"')) ?? '{}';
  return (JSON.parse(polling) as { pid: number }).pid;
}

function everyProcess(): number[] {
  const servers = runningOn(home).map((line) => Number.parseInt(line, 10));
  expect(servers).toHaveLength(2);
  return [...servers, ...workerKinds.map(workerOf)];
}

/** Not alive is also one that has ended and that nobody has waited for. */
function isAlive(pid: number): boolean {
  const { stdout } = spawnSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' });
  return /^[^Z]/.test(stdout.trim());
}

const untilGone = (processes: number[]) =>
  waitUntil('every process to end', 30_000, () => !processes.some(isAlive) || undefined);

describe('an installation on one machine', () => {
  test('shares its servers, heals its workers, and leaves nothing behind when it is killed', async () => {
    const owner = start('--keep');
    await owner.until('Try next');
    const processes = everyProcess();
    const payment = workerOf('payment');

    const guest = start('--json');
    expect(await guest.exited).toBe(0);
    expect(guest.said.err).toContain(`Using temporal of process ${owner.child.pid}`);
    expect(JSON.parse(guest.said.out)).toMatchObject({ ok: true, orders: [{ status: 'completed' }] });

    process.kill(payment, 'SIGKILL');
    await owner.until('The payment worker ended with SIGKILL; starting it again');
    await waitUntil('a new worker', withinMs, () => isAlive(workerOf('payment')) || undefined);
    processes.push(workerOf('payment'));

    expect(processes.filter((each) => !isAlive(each))).toEqual([payment]);
    owner.child.kill('SIGKILL');
    await untilGone(processes);
  });

  test('starts again after it was killed, and ends in order on SIGINT', async () => {
    const run = start('--keep');
    await run.until('Try next');
    const processes = everyProcess();
    run.child.kill('SIGINT');
    expect(await run.exited).toBe(130);
    expect(processes.some(isAlive)).toBe(false);
    expect(await placeOf(home, 'temporal')).toBeUndefined();
  });
});
