import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { projectRoot } from '../../dev/home';
import { sagaBundling } from '../../src/worker';
import { run } from '../saga/program';
import { Harness } from '../saga/harness';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';
import { startUnwind } from '../support/unwind';

const logger = new DefaultLogger('ERROR');

let harness: Harness;
let directory: string;
let made: string;
const started: ChildProcess[] = [];
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  directory = mkdtempSync(join(tmpdir(), 'unwind-workflow-bundle-'));
  made = join(directory, 'made.js');
  const workflows = require.resolve('../saga/program-workflow');
  const { err } = await startUnwind(harness.env.address, ['bundle', workflows, made]).ended;
  expect(err).toBe('');
});
afterAll(async () => {
  for (const each of started) each.kill('SIGKILL');
  rmSync(directory, { recursive: true });
  await harness.stop();
});

/** An orchestrator as a process of its own. Unless a bundle is named, it has no workflow. */
function worker(bundle: { readonly setting?: string; readonly codePath?: string }) {
  const main = join(projectRoot, 'test/worker/bundle-worker.ts');
  const { setting, codePath } = bundle;
  const child = spawn(
    process.execPath,
    ['--require', 'tsx/cjs', main, ...(codePath === undefined ? [] : [codePath])],
    {
      cwd: projectRoot,
      env: {
        ...process.env,
        TEMPORAL_ADDRESS: harness.env.address,
        ...(setting !== undefined && { ORCHESTRATOR_WORKFLOW_BUNDLE: setting }),
      },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    },
  );
  started.push(child);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const exited = once(child, 'exit').then(([code]) => ({ code: code as number | null, said }));
  return { child, exited };
}

function write(name: string, code: string): string {
  const file = join(directory, name);
  writeFileSync(file, code);
  return file;
}

/** What `unwind bundle` has made, with another first line. */
const stamped = (name: string, change: (line: string) => string) =>
  write(name, readFileSync(made, 'utf8').replace(/^.*/, change));

describe('an orchestrator runs the workflows of a bundle made by `unwind bundle`', () => {
  test.each([
    ['that the setting names', () => ({ setting: made })],
    ['that its definition names', () => ({ codePath: made })],
    ['of the setting rather than of its definition', () => ({ setting: made, codePath: 'nowhere.js' })],
    ['of its definition if the setting is empty', () => ({ setting: '', codePath: made })],
  ])('%s', async (_, bundle) => {
    const world = new World();
    const participant = await Worker.create({
      connection: harness.env.nativeConnection,
      taskQueue: 'world',
      activities: { ...world.activities },
      shutdownGraceTime: 0,
    });
    const { child, exited } = worker(bundle());
    await participant.runUntil(async () => {
      const handle = await harness.start(run('a'));
      expect(await handle.result()).toEqual(['a']);
    });
    expect(world.effects).toEqual(['do a']);
    child.kill('SIGTERM');
    const { code, said } = await exited;
    expect(said).toContain(`"codePath":${JSON.stringify(made)}`);
    expect(said).not.toContain('Workflow bundle created');
    expect(code).toBe(0);
  });
});

describe('an orchestrator does not start, nor bundles the workflows instead', () => {
  const refusals: [string, string, () => string | Promise<string>][] = [
    [
      'a file that is missing',
      'WORKFLOW_BUNDLE_UNREADABLE: The workflow bundle cannot be read: ENOENT',
      () => join(directory, 'nowhere.js'),
    ],
    [
      'a directory',
      'WORKFLOW_BUNDLE_UNREADABLE: The workflow bundle cannot be read: EISDIR',
      () => directory,
    ],
    [
      'a bundle of another version of the engine',
      'was made by unwind 0.0.9 with the Temporal SDK',
      () => stamped('older.js', (line) => line.replace(/unwind \S+/, 'unwind 0.0.9')),
    ],
    [
      'a bundle of another version of the SDK',
      'with the Temporal SDK 1.23.0; this worker is unwind',
      () => stamped('older-sdk.js', (line) => line.replace(/SDK \S+/, 'SDK 1.23.0')),
    ],
    [
      'a bundle made without the plugin',
      'does not name the versions that it was made with',
      async () => {
        const workflowsPath = require.resolve('../saga/program-workflow');
        return write('plain.js', (await bundleWorkflowCode({ workflowsPath, logger })).code);
      },
    ],
    ['an empty file', 'does not name the versions that it was made with', () => write('empty.js', '')],
  ];
  test.each(refusals)('with %s', async (_, message, bundle) => {
    const { code, said } = await worker({ setting: await bundle() }).exited;
    expect(said).toContain(message);
    expect(said).toMatch(
      /^(WORKFLOW_BUNDLE_UNREADABLE|WORKFLOW_BUNDLE_MISMATCH): .*\n {2}Make it.*unwind bundle /m,
    );
    expect(said).not.toContain('Workflow bundle created');
    expect(code).toBe(1);
  });
});

test('a bundle made with the plugin names the versions as that of the command line does', async () => {
  const workflowsPath = require.resolve('../support/no-workflows');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger, plugins: [sagaBundling] });
  expect(code.split('\n')[0]).toBe(readFileSync(made, 'utf8').split('\n')[0]);
});
