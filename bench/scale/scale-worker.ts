import { join } from 'node:path';
import type { Supervisor } from '../../dev/supervisor';
import { forkTypeScript } from '../measure/fork-typescript';
import { nextMessage } from '../measure/next-message';
import { stopChild } from '../measure/stop-child';
import type { BenchServers } from '../servers/servers';

/** Starts the worker of `scale-process.ts`. @returns its process id, and what stops it. */
export async function startScaleWorker(servers: BenchServers, supervisor: Supervisor) {
  const child = forkTypeScript(join(__dirname, 'scale-process.ts'), [JSON.stringify(servers)]);
  const stop = () => stopChild(child);
  supervisor.onStop('the worker of large sagas', stop);
  await nextMessage(child);
  return { pid: child.pid ?? 0, stop };
}
