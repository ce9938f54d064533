import {
  linkSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';
import { startUnwind } from '../support/unwind';

/** A project of its own, which has no server. */
let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'unwind-bundle-'));
  symlinkSync(join(projectRoot, 'node_modules'), join(directory, 'node_modules'));
  writeFileSync(
    join(directory, 'good.ts'),
    'export async function sayHello(): Promise<string> { return "hello"; }',
  );
  writeFileSync(join(directory, 'syntax.ts'), 'export async function broken( {');
  writeFileSync(
    join(directory, 'file-system.ts'),
    "import { readFileSync } from 'fs';\nexport async function read() { return readFileSync('x', 'utf8'); }",
  );
  mkdirSync(join(directory, 'taken'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const bundle = (...args: string[]) =>
  startUnwind('127.0.0.1:1', ['bundle', ...args], { cwd: directory }).ended;
const inDirectory = (name: string) => join(directory, name);

test('the file that is written is replaced at once, and its path and size are printed', async () => {
  writeFileSync(inDirectory('bundle.js'), 'the old bundle');
  linkSync(inDirectory('bundle.js'), inDirectory('open-by-a-worker.js'));
  const said = await bundle('good.ts', 'bundle.js');
  expect(said).toEqual({
    code: 0,
    err: '',
    out: expect.stringMatching(/^the workflows of good\.ts are in bundle\.js \(\d\.\d MB\)\n$/) as unknown,
  });
  expect(readFileSync(inDirectory('bundle.js'), 'utf8')).toContain('sayHello');
  // Whoever reads the old file goes on reading it.
  expect(readFileSync(inDirectory('open-by-a-worker.js'), 'utf8')).toBe('the old bundle');
});

test('a program gets the path and the size in bytes', async () => {
  const { out } = await bundle('good.ts', 'for-a-program.js', '--json');
  expect(JSON.parse(out)).toEqual({
    workflows: 'good.ts',
    file: 'for-a-program.js',
    bytes: statSync(inDirectory('for-a-program.js')).size,
  });
});

test('what cannot be bundled or written has a code, and leaves the files as they were', async () => {
  writeFileSync(inDirectory('kept.js'), 'the bundle that works');
  const before = readdirSync(directory);
  const refused = await Promise.all([
    bundle('nowhere.ts', 'kept.js'),
    bundle('syntax.ts', 'kept.js'),
    bundle('file-system.ts', 'kept.js'),
    bundle('good.ts', 'nowhere/bundle.js'),
    bundle('good.ts', 'taken'),
    bundle('good.ts'),
  ]);
  expect(refused.map(({ code }) => code)).toEqual([1, 1, 1, 1, 1, 1]);
  expect(refused.map(({ err }) => err)).toEqual(
    [
      /^INPUT_INVALID: .*nowhere\.ts does not exist/,
      /^BUNDLE_FAILED: .*syntax\.ts cannot be bundled:\nERROR in .*syntax\.ts\n[^]*export async function broken/,
      /^BUNDLE_FAILED: .*file-system\.ts cannot be bundled:\n[^]*disallowed modules[^]*'fs'/,
      /^FILE_NOT_WRITTEN: nowhere\/bundle\.js cannot be written: ENOENT/,
      /^FILE_NOT_WRITTEN: taken cannot be written: E/,
      /^INVALID_ARGUMENT: missing required argument 'file'/,
    ].map((pattern) => expect.stringMatching(pattern) as unknown),
  );
  expect(readFileSync(inDirectory('kept.js'), 'utf8')).toBe('the bundle that works');
  expect(readdirSync(directory)).toEqual(before);
});
