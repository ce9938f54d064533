import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { workerKinds } from '../services/names';
import type { ChildSpec } from './child';
import type { StackSettings } from './config';
import { privateDirectory } from './home';
import { choosePort, withPortsHeld } from './ports';
import { type PostgresPlace, startPostgres } from './postgres-server';
import { share } from './share';
import type { Run } from './supervisor';
import { temporalCli } from './temporal-binary';
import { startTemporal, type TemporalPlace } from './temporal-server';

/**
 * The servers of a home, each started when it is first asked for, here or in another run.
 * @property failed rejects when one that was started here ends by itself, and never resolves.
 */
export interface Servers {
  temporal(): Promise<TemporalPlace>;
  postgres(): Promise<PostgresPlace>;
  readonly failed: Promise<never>;
}

export function serversOf(home: string, ports: StackSettings['ports'], run: Run): Servers {
  const { env, supervisor, progress } = run;
  // Private, but passable where Postgres has to run as another user than root; the files inside are private too.
  mkdirSync(home, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 });
  const logs = privateDirectory(join(home, 'logs'));
  const { signal } = supervisor;
  let fail: (error: unknown) => void;
  const failed = new Promise<never>((_, reject) => (fail = reject));
  failed.catch(() => undefined);
  const start = (spec: ChildSpec) => {
    const child = supervisor.start(spec);
    void child.exited.then((how) => fail(child.failure(`ended with ${how}`)));
    return child;
  };
  const newLog = (name: string) => {
    const file = join(logs, `${name}.log`);
    rmSync(file, { force: true });
    return file;
  };

  return {
    failed,
    temporal: () =>
      share(home, 'temporal', run, async () => {
        workerKinds.forEach(newLog);
        const executable = await temporalCli({ env, progress, signal });
        const logFile = newLog('temporal');
        const place = await withPortsHeld(async () => {
          const port = await choosePort('UNWIND_TEMPORAL_PORT', 7233, ports.temporal);
          const uiPort = await choosePort('UNWIND_UI_PORT', 8233, ports.ui);
          return await startTemporal({ executable, home, port, uiPort, logFile, env, start, signal });
        });
        progress(`Temporal serves at ${place.address}, its Web UI at ${place.uiUrl}`);
        return place;
      }),
    postgres: () =>
      share(home, 'postgres', run, async () => {
        const logFile = newLog('postgres');
        return await withPortsHeld(async () => {
          const port = await choosePort('UNWIND_POSTGRES_PORT', 5433, ports.postgres);
          const place = await startPostgres({ home, port, logFile, durable: true, start, signal });
          progress(`Postgres serves at 127.0.0.1:${port}`);
          return place;
        });
      }),
  };
}
