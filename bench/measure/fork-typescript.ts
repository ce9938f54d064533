import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

const loader = join(__dirname, '../typescript-process.cjs');

/** Starts a process that runs a file of TypeScript, and whose threads run as in production. @param flags of Node */
export function forkTypeScript(
  file: string,
  args: readonly string[],
  flags: readonly string[] = [],
): ChildProcess {
  return fork(loader, [file, ...args], { execArgv: [...flags] });
}
