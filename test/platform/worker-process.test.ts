import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';
import type { TestDatabase } from '../support/database';
import { createTestDatabase } from '../support/database';
import { localServer } from '../support/temporal';

let temporal: TestWorkflowEnvironment;
let database: TestDatabase;
let good: Record<string, string>;
const started: ChildProcess[] = [];

beforeAll(async () => {
  [temporal, database] = await Promise.all([localServer(), createTestDatabase('worker_process')]);
  good = { TEMPORAL_ADDRESS: temporal.address, ORDER_DATABASE_URL: database.url };
});

afterAll(async () => {
  for (const each of started) each.kill('SIGKILL');
  await temporal.teardown();
  await database.drop();
});

/** The order worker as its own process, as `npm start` or a container runs it. */
function worker(settings: Record<string, string>) {
  const process_ = spawn(process.execPath, ['--require', 'tsx/cjs', join(projectRoot, 'workers/order.ts')], {
    cwd: projectRoot,
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  started.push(process_);
  let said = '';
  process_.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(process_, 'exit').then(([code]) => ({ code: code as number | null, said }));
  return { process: process_, exited };
}

test.each([
  ['TEMPORAL_UNREACHABLE', { TEMPORAL_ADDRESS: '127.0.0.1:1' }],
  ['TEMPORAL_UNREACHABLE', { TEMPORAL_NAMESPACE: 'nowhere' }],
  ['DATABASE_UNREACHABLE', { ORDER_DATABASE_URL: 'postgres://order:secret@127.0.0.1:1/order' }],
  ['INVALID_SETTING', { ORDER_POOL_SIZE: '1' }],
  // More than max_connections of any server in these tests.
  ['INVALID_SETTING', { ORDER_POOL_SIZE: '10000' }],
])('a worker refuses to start with %s for %j', async (code, settings) => {
  const ended = await worker({ ...good, ...settings }).exited;
  expect(ended.said).toMatch(new RegExp(`^${code}: `, 'm'));
  expect(ended.said).not.toContain('secret');
  expect(ended.code).toBe(1);
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s stops a worker in order, with exit code 0', async (signal) => {
  const { process: running, exited } = worker(good);
  await once(running, 'message');
  running.kill(signal);
  const { code, said } = await exited;
  expect(said).toContain(`"why":"${signal}"`);
  expect(code).toBe(0);
});

test('a worker whose parent is gone stops in order', async () => {
  const { process: running, exited } = worker(good);
  await once(running, 'message');
  running.disconnect();
  expect((await exited).code).toBe(0);
});
