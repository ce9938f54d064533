import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeOf, share } from '../../dev/share';
import { Supervisor } from '../../dev/supervisor';
import { until } from '../support/until';

let home: string;
let said: string[];
let starts: number;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'unwind-share-'));
  said = [];
  starts = 0;
});

afterEach(() => rmSync(home, { recursive: true }));

/** What a run does that needs the server. */
function need(supervisor: Supervisor): Promise<{ port: number }> {
  const run = { env: {}, supervisor, progress: (line: string) => void said.push(line) };
  return share(home, 'server', run, async () => {
    starts += 1;
    await Promise.resolve();
    return { port: starts };
  });
}

test('of many runs at once one starts the server', async () => {
  const supervisors = Array.from({ length: 8 }, () => new Supervisor());
  const places = await Promise.all(supervisors.map(need));
  expect(places).toEqual(supervisors.map(() => ({ port: 1 })));
  expect(said).toEqual(Array.from({ length: 7 }, () => `Using server of process ${process.pid}`));
  expect(await placeOf(home, 'server')).toEqual({ port: 1 });

  await Promise.all(supervisors.map((supervisor) => supervisor.stop()));
  expect(await placeOf(home, 'server')).toBeUndefined();

  const next = new Supervisor();
  expect(await need(next)).toEqual({ port: 2 });
  await next.stop();
});

test('the owner waits for a run that uses the server', async () => {
  const [owner, user] = [new Supervisor(), new Supervisor()];
  await need(owner);
  await need(user);
  let isStopped = false;
  const stopping = owner.stop().then(() => (isStopped = true));
  await until('the owner waits', () => said.includes('Waiting for the other runs that use server to end'));
  expect(isStopped).toBe(false);
  await user.stop();
  await stopping;
  expect(existsSync(join(home, 'server.socket'))).toBe(false);
});

test('an owner that was killed leaves a socket behind, which the next run replaces', async () => {
  const path = join(home, 'server.socket');
  const script = `require('node:net').createServer().listen(process.argv[1], () => console.log('listens'))`;
  const killed = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(killed.stdout, 'data');
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  expect(existsSync(path)).toBe(true);
  expect(await placeOf(home, 'server')).toBeUndefined();

  const next = new Supervisor();
  expect(await need(next)).toEqual({ port: 1 });
  await next.stop();
});
