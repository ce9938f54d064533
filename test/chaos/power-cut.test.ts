import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { waitUntil } from '../../src/platform/wait-until';
import { type Command, familyOf, runningOn, startChaos } from './command';
import type { Summary } from './summary';

let home: string;
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
  rmSync(home, { recursive: true });
});

function start(...args: string[]): Command {
  const command = startChaos(...args, '--home', home);
  commands.push(command);
  return command;
}

const untilStarted = ({ said }: Command, sagas: number) =>
  waitUntil(`${sagas} sagas to be started`, 120_000, () => {
    const last = [...said.err.matchAll(/(\d+) started, (\d+) open/g)].at(-1);
    return (Number(last?.[1] ?? 0) >= sagas && Number(last?.[2]) > 0) || undefined;
  });

test('a power cut in the middle of a hundred sagas: started again on the same data, all end as promised', async () => {
  const args = ['--sagas', '100', '--seed', '3', '--faults', 'cancel,duplicate', '--json'];
  const first = start(...args);
  await untilStarted(first, 40);
  // Servers, their own children, workers and the client, in one go: nobody gets to say goodbye.
  for (const pid of familyOf(first.child.pid ?? 0)) process.kill(pid, 'SIGKILL');
  expect(await first.exited).toBeNull();
  await waitUntil('all of it to be gone', 20_000, () => runningOn(home).length === 0 || undefined);

  const second = start(...args);
  const code = await second.exited;
  expect({ code, err: code === 0 ? '' : second.said.err }).toEqual({ code: 0, err: '' });
  expect(JSON.parse(second.said.out) as Summary).toMatchObject({
    started: 100,
    stuck: 0,
    lost: 0,
    violations: [],
  });
}, 500_000);

test('a Ctrl-C in the middle ends every process', async () => {
  const run = start('--sagas', '20', '--seed', '4');
  await untilStarted(run, 5);
  expect(runningOn(home).length).toBeGreaterThan(10);
  run.child.kill('SIGINT');
  expect(await run.exited).toBe(130);
  await waitUntil('all of it to be gone', 20_000, () => runningOn(home).length === 0 || undefined);
}, 200_000);
