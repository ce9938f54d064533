import { spawn } from 'node:child_process';
import type { Found, Sought } from '../simulation/seek';
import type { Mutant } from './mutant';

/** To begin, and to find the shortest schedule. */
const BESIDES_MS = 90_000;

/** Explores sagas in a copy of the project. @returns what was found; `crashed` when the exploration itself failed or hung */
export async function seekIn(
  copy: string,
  { sagas }: Mutant,
  { seconds, seed }: Pick<Sought, 'seconds' | 'seed'>,
  env: NodeJS.ProcessEnv,
): Promise<Found | 'crashed'> {
  const sought: Sought = { seconds, seed, ...(sagas && { sagas }) };
  const args = ['--require', 'tsx/cjs', 'test/simulation/seek.ts', JSON.stringify(sought)];
  const timeout = seconds * 1_000 + BESIDES_MS;
  const seeker = spawn(process.execPath, args, {
    cwd: copy,
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout,
    killSignal: 'SIGKILL',
  });
  const kill = () => void seeker.kill('SIGKILL');
  process.once('exit', kill);
  let output = '';
  for await (const chunk of seeker.stdout.setEncoding('utf8')) output += chunk;
  process.off('exit', kill);
  const last = output.trimEnd().split('\n').at(-1);
  return last ? (JSON.parse(last) as Found) : 'crashed';
}
