import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../dev/home';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { localServer } from '../support/temporal';
import { type GuideProject, writeGuideProject } from './guide';

let project: GuideProject;
let temporal: TestWorkflowEnvironment;
let database: TestDatabase;
let worker: ChildProcess | undefined;

beforeAll(async () => {
  project = writeGuideProject();
  [temporal, database] = await Promise.all([localServer(), createTestDatabase('guide')]);
});

afterAll(async () => {
  if (worker && worker.exitCode === null) {
    worker.kill('SIGTERM');
    await once(worker, 'exit');
  }
  await temporal.teardown();
  await database.drop();
  project.remove();
});

const environment = () => ({
  ...process.env,
  TEMPORAL_ADDRESS: temporal.address,
  DATABASE_URL: database.url,
});

/** Runs a tool of this project in the guide's directory, to its end. @returns all it printed. */
async function run(tool: string, ...args: readonly string[]): Promise<string> {
  const command = [join(projectRoot, 'node_modules', tool), ...args];
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, command, {
      cwd: project.directory,
      env: environment(),
    });
    return stdout + stderr;
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string; stderr: string };
    throw new Error(`${tool} ${args.join(' ')} failed:\n${stdout}${stderr}`);
  }
}

const tsx = (...args: readonly string[]) => run('tsx/dist/cli.mjs', ...args);

test('the guide has the files that it speaks of', () => {
  expect(project.files).toEqual([
    'tsconfig.json',
    'jest.config.js',
    ...['contract.ts', 'steps.ts', 'workflows.ts', 'activities.ts', 'database.ts'],
    ...['registration.test.ts', 'worker.ts', 'register.ts'],
  ]);
});

test('its files compile', async () => {
  await run('typescript/bin/tsc');
});

test("its own test passes: the saga's fault matrix", async () => {
  expect(await run('jest/bin/jest.js', '--ci')).toContain('Tests:       3 passed, 3 total');
}, 400_000);

test('its commands run: tables, worker, a registration that goes through and one that is undone', async () => {
  await tsx('database.ts');
  worker = spawn(process.execPath, [join(projectRoot, 'node_modules/tsx/dist/cli.mjs'), 'worker.ts'], {
    cwd: project.directory,
    env: environment(),
    stdio: 'ignore',
  });
  expect(await tsx('register.ts', 'r-1', 'card-ada')).toBe('registration-r-1 completed\n');
  expect(await tsx('register.ts', 'r-2', 'card-empty')).toBe('registration-r-2 compensated: CARD_DECLINED\n');
});
