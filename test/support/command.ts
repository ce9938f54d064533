import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';

/** A command of package.json, without npm between the test and its signals. */
export interface Command {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly exited: Promise<number | null>;
}

export function startCommand(
  name: 'start' | 'chaos' | 'cli',
  args: readonly string[],
  env = process.env,
): Command {
  const bootstrap = join(projectRoot, 'dev/bootstrap.mjs');
  const child = spawn(process.execPath, [bootstrap, name, ...args], {
    cwd: tmpdir(),
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, said, exited: once(child, 'close').then(([code]) => code as number | null) };
}

/** Waits for its end. */
export async function runCommand(name: 'start' | 'chaos', ...args: string[]) {
  const { said, exited } = startCommand(name, args);
  const code = await exited;
  return { code, ...said };
}

/** Kills a process and all that it and its descendants have started, in one go: nobody gets to say goodbye. */
export function cutPower({ child }: Command): void {
  for (const pid of familyOf(child.pid ?? 0)) kill(pid);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // A worker that was about to be started again has ended since the family was read.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

function familyOf(pid: number): number[] {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const childrenOf = (parent: number): number[] =>
    processes.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...childrenOf(child)]);
  return [pid, ...childrenOf(pid)];
}

/** What still runs on a home directory, by its command lines: each begins with the process's number. */
export function runningOn(home: string): string[] {
  return execFileSync('ps', ['-eo', 'pid=,args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(home) && !line.includes('bootstrap.mjs'));
}
