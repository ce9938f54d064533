import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { projectRoot } from '../../dev/home';

/** @returns what the command said, if it failed. */
async function failureOf(...args: string[]): Promise<string | undefined> {
  return await promisify(execFile)(process.execPath, args, { cwd: projectRoot }).then(
    () => undefined,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
}

test('the reports of the public API in api/ are current', async () => {
  expect(await failureOf('node_modules/tsx/dist/cli.mjs', 'api/reports.ts', '--check')).toBeUndefined();
}, 180_000);

test('the reference builds without a warning: every type that a signature names is exported', async () => {
  const typedoc = ['api/node_modules/typedoc/bin/typedoc', '--options', 'api/typedoc.json'];
  expect(await failureOf(...typedoc, '--emit', 'none')).toBeUndefined();
}, 180_000);
