import { accessSync, chmodSync, constants, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { FileLock } from './file-lock';
import type { Servers, ServersOptions } from './own-servers';
import { endLeftovers, startOwnServers } from './own-servers';
import { isAlive } from './process-identity';
import type { Run } from './run-file';
import { readRun, RunFile } from './run-file';
import { SetupError } from '../src/worker';

/** A first start includes a download, which may take minutes. */
const lockWithinMs = 15 * 60_000;

/**
 * Makes a home's servers available: those of another live run of the same home, of which this one is then a guest, or
 * its own. The owner's servers stay up until the last guest has left. What a killed run left behind is ended first.
 * @throws SetupError `HOME_IN_USE`, `HOME_NOT_WRITABLE`, or whatever keeps a server from starting.
 */
export async function acquireServers(options: ServersOptions): Promise<Servers> {
  const { home, needs, supervisor } = options;
  if (needs.length === 0) return { children: [] };
  prepareHome(home);
  const lock = new FileLock(join(home, 'lock'));
  const file = new RunFile(home);
  return lock.hold(lockWithinMs, async () => {
    supervisor.signal.throwIfAborted();
    const run = readRun(home);
    if (run !== undefined && isAlive(run.owner)) return useThoseOf(run, file, options);
    await endLeftovers(run);
    return startOwnServers(file, lock, options);
  });
}

/** Private, but passable where Postgres has to run as another user than root; the files inside are private too. */
function prepareHome(home: string): void {
  try {
    if (!existsSync(home)) {
      mkdirSync(home, { recursive: true });
      chmodSync(home, process.getuid?.() === 0 ? 0o711 : 0o700);
    }
    accessSync(home, constants.W_OK);
  } catch (error) {
    throw new SetupError(
      'HOME_NOT_WRITABLE',
      `The state directory cannot be used: ${(error as Error).message}`,
      'Set UNWIND_HOME to a directory that this user may write to.',
      { cause: error },
    );
  }
}

function useThoseOf(run: Run, file: RunFile, { home, needs, supervisor, progress }: ServersOptions): Servers {
  const missing = needs.filter((need) => run[need] === undefined);
  if (missing.length > 0) {
    throw new SetupError(
      'HOME_IN_USE',
      `Process ${run.owner.pid} uses ${home} and runs no ${missing.join(' and no ')} there, which this one needs.`,
      'Give both the same settings, or set UNWIND_HOME to another directory for this one.',
    );
  }
  file.addGuest();
  supervisor.onStop('the use of the servers', () => file.removeGuest());
  progress(`Using the servers that process ${run.owner.pid} runs`);
  const { temporal, postgres } = run;
  return { children: [], ...(temporal && { temporal }), ...(postgres && { postgres }) };
}
