import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from './home';
import type { Supervisor } from './supervisor';

/**
 * Runs a command of Node in the project's directory, with this process's outputs, and waits for its end. Whatever it
 * leaves behind in its process group is killed then.
 * @param onOutput is given what it writes to its standard output, which goes to this process's as well.
 * @returns its exit code; 1 when a signal ended it.
 */
export async function runInForeground(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
  onOutput?: (text: string) => void,
): Promise<number> {
  supervisor.signal.throwIfAborted();
  const child = spawn(process.execPath, args, {
    cwd: projectRoot,
    env,
    stdio: ['ignore', onOutput ? 'pipe' : 'inherit', 'inherit'],
    detached: true,
  });
  child.stdout?.on('data', (chunk: Buffer) => {
    process.stdout.write(chunk);
    onOutput?.(chunk.toString());
  });
  const closed = new Promise((resolve) => child.once('close', resolve));
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
  supervisor.onStop('the command', async () => {
    signalGroup(child.pid, 'SIGINT');
    const overdue = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 10_000);
    await ended;
    clearTimeout(overdue);
  });
  const code = await ended;
  signalGroup(child.pid, 'SIGKILL');
  // Only then has it written all that it writes; a process that has left the group may hold its output open for ever.
  await Promise.race([closed, sleep(5_000, undefined, { ref: false })]);
  return code;
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    // The group is gone: nobody is left to tell.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
