import { join } from 'node:path';
import { anyPort } from '../../dev/ports';
import type { Run } from '../../dev/supervisor';
import { temporalCli } from '../../dev/temporal-binary';
import { startTemporal } from '../../dev/temporal-server';

/** Temporal's development server with a SQLite file in this directory. */
export async function startDevelopmentServer(
  { env, supervisor, progress }: Run,
  directory: string,
): Promise<{ readonly address: string; readonly pid: number }> {
  const { signal } = supervisor;
  let pid = 0;
  const { address } = await startTemporal({
    executable: await temporalCli({ env, progress, signal }),
    home: directory,
    port: await anyPort(),
    uiPort: await anyPort(),
    logFile: join(directory, 'temporal.log'),
    env,
    start: (spec) => {
      const child = supervisor.start(spec);
      pid = child.pid;
      return child;
    },
    signal,
  });
  return { address, pid };
}
