import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../src/platform/home';

/** `npm run chaos`, without npm between the test and its signals. */
export interface Command {
  readonly child: ChildProcess;
  readonly said: { out: string; err: string };
  readonly exited: Promise<number | null>;
}

export function startChaos(...args: string[]): Command {
  const child = spawn(process.execPath, ['src/platform/bootstrap.mjs', 'chaos', ...args], {
    cwd: projectRoot,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = { out: '', err: '' };
  child.stdout.on('data', (chunk: Buffer) => (said.out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (said.err += chunk.toString()));
  return { child, said, exited: once(child, 'close').then(([code]) => code as number | null) };
}

/** A process and all that it and its descendants have started. */
export function familyOf(pid: number): number[] {
  const processes = execFileSync('ps', ['-eo', 'pid=,ppid='], { encoding: 'utf8' })
    .trimEnd()
    .split('\n')
    .map((line) => line.trim().split(/\s+/).map(Number) as [number, number]);
  const childrenOf = (parent: number): number[] =>
    processes.filter(([, ppid]) => ppid === parent).flatMap(([child]) => [child, ...childrenOf(child)]);
  return [pid, ...childrenOf(pid)];
}

/** What still runs on a home directory, by its command lines. */
export function runningOn(home: string): string[] {
  return execFileSync('ps', ['-eo', 'args='], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(home) && !line.includes('bootstrap.mjs'));
}
