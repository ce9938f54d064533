import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Supervisor } from '../../dev/supervisor';
import { nextMessage } from '../measure/next-message';
import type { BenchServers } from '../servers/servers';

/** Starts the worker of `scale-process.ts`. @returns its process id, and what stops it. */
export async function startScaleWorker(servers: BenchServers, supervisor: Supervisor) {
  const child = fork(join(__dirname, 'scale-process.ts'), [JSON.stringify(servers)], {
    execArgv: ['--import', 'tsx'],
  });
  const stop = async () => {
    if (child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    await exited;
  };
  supervisor.onStop('the worker of large sagas', stop);
  await nextMessage(child);
  return { pid: child.pid ?? 0, stop };
}
