import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectRoot } from '../../dev/home';

/** Runs a script of node in the project. @returns what it said, if it failed. */
export async function failureOf(...args: string[]): Promise<string | undefined> {
  return await promisify(execFile)(process.execPath, args, { cwd: projectRoot }).then(
    () => undefined,
    ({ stdout, stderr }: { stdout: string; stderr: string }) => `${stdout}${stderr}`,
  );
}
