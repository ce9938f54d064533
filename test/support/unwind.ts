import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';

/** What a command of `unwind` said, and how it ended. */
export interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command of `unwind` that runs. */
export interface RunningCommand {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly ended: Promise<Said>;
}

/** Starts the command line of the library in a process of its own, without a terminal. */
export function startUnwind(
  address: string,
  args: readonly string[],
  {
    cwd = tmpdir(),
    input = '',
    env = {},
  }: { cwd?: string; input?: string; env?: Readonly<Record<string, string>> } = {},
): RunningCommand {
  const main = join(projectRoot, 'src/cli/main.ts');
  const child = spawn(process.execPath, ['--require', require.resolve('tsx/cjs'), main, ...args], {
    cwd,
    env: { ...process.env, TEMPORAL_ADDRESS: address, ...env },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (said.out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said.err += text));
  child.stdin.end(input);
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, said, ended };
}

/** Runs a command to its end. */
export async function unwind(address: string, ...args: readonly string[]): Promise<Said> {
  return await startUnwind(address, args).ended;
}

/** Runs a command with `--json`. @returns what it printed, as one value. */
export async function unwindJson(address: string, ...args: readonly string[]): Promise<unknown> {
  const { out, err } = await unwind(address, ...args, '--json');
  if (out === '') throw new Error(err);
  return JSON.parse(out) as unknown;
}
