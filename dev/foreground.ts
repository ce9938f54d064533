import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from './home';
import type { Supervisor } from './supervisor';

/**
 * Runs a command of Node in the project's directory, with this process's outputs, and waits for its end. Whatever it
 * leaves behind in its process group is killed then.
 * @returns its exit code; 1 when a signal ended it.
 */
export async function runInForeground(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  supervisor.signal.throwIfAborted();
  const stdio = ['ignore', 'inherit', 'inherit'] as const;
  const child = spawn(process.execPath, args, { cwd: projectRoot, env, stdio: [...stdio], detached: true });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  supervisor.onStop('the command', async () => {
    signalGroup(child.pid, 'SIGINT');
    const overdue = setTimeout(() => signalGroup(child.pid, 'SIGKILL'), 10_000);
    await ended;
    clearTimeout(overdue);
  });
  const [code] = await ended;
  signalGroup(child.pid, 'SIGKILL');
  return code ?? 1;
}

function signalGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  try {
    if (pid !== undefined) process.kill(-pid, signal);
  } catch (error) {
    // The group is gone: nobody is left to tell.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
