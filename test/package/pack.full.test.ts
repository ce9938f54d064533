import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { projectRoot } from '../../dev/home';
import { anyPort } from '../../dev/ports';
import { localServer } from '../support/temporal';
import { until } from '../support/until';

const execute = promisify(execFile);

/** @throws Error with all that the command said. */
async function run(
  file: string,
  args: readonly string[],
  options: { cwd?: string; env?: NodeJS.ProcessEnv } = {},
) {
  return await execute(file, args, options).catch((error: { stdout: string; stderr: string }) => {
    throw new Error(`${args.join(' ')} failed: ${error.stdout}${error.stderr}`);
  });
}

const npm = async (cwd: string, ...args: string[]) =>
  await run('npm', [...args, '--no-audit', '--no-fund', '--prefer-offline'], { cwd });

/** Outside of the project, so that nothing is found there by chance. */
let directory: string;
let tarball: string;
/** What installs it. */
let project: string;
let server: TestWorkflowEnvironment;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'unwind-pack-'));
  const packed = await npm(projectRoot, 'pack', '--json', '--pack-destination', directory);
  // What runs before it prints too.
  const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.search(/^\[/m))) as [
    { filename: string },
  ];
  tarball = join(directory, filename);
  project = join(directory, 'consumer');
  await cp(join(projectRoot, 'test/package/consumer'), project, { recursive: true });
  await describeProject('commonjs');
  await npm(project, 'install');
  server = await localServer();
});
afterAll(async () => {
  await server.teardown();
  await rm(directory, { recursive: true, force: true });
});

/** Has the modules of the project be of this type. */
async function describeProject(type: string): Promise<void> {
  const dependencies = {
    unwind: `file:${tarball}`,
    '@temporalio/testing': '1.24.0',
    '@types/node': '20.19.43',
  };
  await writeFile(join(project, 'package.json'), JSON.stringify({ type, dependencies }));
  const compilerOptions = {
    target: 'es2022',
    module: 'node16',
    strict: true,
    skipLibCheck: true,
    types: ['node'],
  };
  await writeFile(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions }));
}

test('the package holds the library, its licence and its docs, and nothing else', async () => {
  const { stdout } = await run('tar', ['tzf', tarball]);
  const files = stdout.trim().split('\n');
  const folders = new Set(files.map((file) => file.split('/').slice(1, -1).slice(0, 3).join('/')));
  const library = (await readdir(join(projectRoot, 'src'))).map((name) => `dist/src/${name}`);
  expect([...folders].sort()).toEqual(['', ...library.sort(), 'docs']);
  expect(files.filter((file) => /\.(ts|map)$/.test(file) && !file.endsWith('.d.ts'))).toEqual([]);
});

test('publint and are-the-types-wrong find nothing', async () => {
  const bin = (name: string) => join(projectRoot, 'node_modules/.bin', name);
  await run(bin('publint'), ['--strict', tarball]);
  // Without an entry at the top, which the resolution of Node 10 would need.
  await run(bin('attw'), [tarball, '--profile', 'node16']);
});

describe.each(['commonjs', 'module'])('a project of type %s that installs it', (type) => {
  beforeAll(async () => await describeProject(type));

  test('type-checks, and runs sagas on workers of its own', async () => {
    await run(process.execPath, [join(projectRoot, 'node_modules/typescript/lib/tsc.js'), '-p', '.'], {
      cwd: project,
    });
    const { stdout } = await run(process.execPath, ['main.js', `paid-${type}`, `unpaid-${type}`], {
      cwd: project,
      env: { ...process.env, TEMPORAL_ADDRESS: server.address },
    });
    expect(JSON.parse(stdout)).toEqual({
      kinds: ['completed', 'compensated'],
      effects: [`hold paid-${type}`, `pay paid-${type}`, `hold unpaid-${type}`, `release unpaid-${type}`],
      exported: ['object', 'string', 'function', 'function'],
    });
  });

  test('has the command line, which knows its configuration', async () => {
    const unwind = async (...args: string[]) =>
      await run(join(project, 'node_modules/.bin/unwind'), [...args, '--json'], {
        cwd: project,
        env: { ...process.env, TEMPORAL_ADDRESS: server.address },
      });
    const seat = `commanded-${type}`;
    await writeFile(join(project, 'seat.json'), JSON.stringify({ seat }));
    const started = await unwind('start', 'book', 'seat.json');
    expect(JSON.parse(started.stdout)).toMatchObject({ sagaId: `booking-${seat}`, started: true });
    const listed = await unwind('list', '--where', `WorkflowId = 'booking-${seat}'`);
    expect(JSON.parse(listed.stdout)).toMatchObject([{ workflow: 'book', state: 'forward' }]);
    // Nothing of it is to be seen by other tests.
    await server.client.workflow.getHandle(`booking-${seat}`).terminate();
    await writeFile(join(project, 'row.json'), JSON.stringify({ row: 7 }));
    await expect(unwind('start', 'book', 'row.json')).rejects.toThrow(/INPUT_INVALID: .*\n.* - seat: /);
    expect(JSON.parse((await unwind('errors', 'KEY_CONFLICT')).stdout)).toMatchObject({
      code: 'KEY_CONFLICT',
    });
    await unwind('bundle', 'workflows.ts', 'bundle.cjs');
    const { version } = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as {
      version: string;
    };
    const [first] = (await readFile(join(project, 'bundle.cjs'), 'utf8')).split('\n');
    expect(first).toBe(`// Bundled by unwind ${version} with the Temporal SDK 1.24.0`);
  });

  test('has the console, with its page', async () => {
    const child = spawn(
      join(project, 'node_modules/.bin/unwind'),
      ['console', '--port', String(await anyPort()), '--json'],
      { cwd: project, env: { ...process.env, TEMPORAL_ADDRESS: server.address } },
    );
    let out = '';
    child.stdout.on('data', (text: Buffer) => (out += text.toString()));
    await until('the console to say where it is', () => out.includes('}'));
    const { url } = JSON.parse(out) as { url: string };
    expect(await (await fetch(url)).text()).toMatch(/<script .*src="app\.js"/);
    expect((await fetch(new URL('app.js', url))).status).toBe(200);
    expect(await (await fetch(new URL('api/overview', url))).json()).toMatchObject({ workflows: ['book'] });
    child.kill('SIGINT');
    expect(await once(child, 'exit')).toEqual([130, null]);
  });

  test('tests a saga of its own: nested, with a loop, alternatives, a polling timer, a signal and a probe', async () => {
    const times = type === 'commonjs' ? 2 : 1;
    const { stdout } = await run(process.execPath, ['festival/main.js', String(times)], { cwd: project });
    const { matrices, ...explored } = JSON.parse(stdout) as { matrices: { cases: number }[] };
    const cases = matrices[0]?.cases;
    expect(cases).toBeGreaterThan(500);
    const expected = { cases, violations: [], notFired: [] };
    expect(matrices).toEqual(Array.from({ length: times }, () => expected));
    expect(explored).toEqual({ schedules: 300 });
  }, 300_000);
});
