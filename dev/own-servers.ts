import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Child, ChildSpec } from './child';
import type { StackSettings } from './config';
import type { Progress } from './executable';
import type { FileLock } from './file-lock';
import { privateDirectory } from './home';
import { choosePort } from './ports';
import { startPostgres } from './postgres-server';
import type { ProcessIdentity } from './process-identity';
import { identify, isAlive } from './process-identity';
import type { Run, RunFile } from './run-file';
import type { Supervisor } from './supervisor';
import { temporalCli } from './temporal-binary';
import { startTemporal } from './temporal-server';
import { waitUntil } from './wait-until';

/** @property needs the servers that no setting points at. */
export interface ServersOptions {
  readonly home: string;
  readonly needs: readonly ('temporal' | 'postgres')[];
  readonly ports: StackSettings['ports'];
  readonly env: NodeJS.ProcessEnv;
  readonly supervisor: Supervisor;
  readonly progress: Progress;
}

/**
 * Where the needed servers serve.
 * @property children the processes this run owns; none when it uses those of another run.
 */
export interface Servers extends Pick<Run, 'temporal' | 'postgres'> {
  readonly children: readonly Child[];
}

/** Starts the needed servers and records them in the run file. To be called under the home's lock. */
export async function startOwnServers(
  file: RunFile,
  lock: FileLock,
  options: ServersOptions,
): Promise<Servers> {
  const { home, needs, supervisor } = options;
  const logs = join(home, 'logs');
  rmSync(logs, { recursive: true, force: true });
  privateDirectory(logs);

  const children: Child[] = [];
  const owner = identify(process.pid);
  // initdb is among the children as well, until it has ended.
  const running = () => children.filter((child) => !child.hasEnded);
  const record = (servers: Pick<Run, 'temporal' | 'postgres'> = {}) =>
    file.write({ owner, processes: running().map((child) => identify(child.pid)), ...servers });
  const start = (spec: ChildSpec) => {
    const child = supervisor.start(spec, false);
    children.push(child);
    record();
    return child;
  };
  supervisor.onStop('the servers', () => stopWhenUnused(children, file, lock, options));

  const [temporal, postgres] = await Promise.all([
    needs.includes('temporal') ? ownTemporal(options, logs, start) : undefined,
    needs.includes('postgres') ? ownPostgres(options, logs, start) : undefined,
  ]);
  const servers = { ...(temporal && { temporal }), ...(postgres && { postgres }) };
  record(servers);
  return { children: running(), ...servers };
}

async function ownTemporal(options: ServersOptions, logs: string, start: (spec: ChildSpec) => Child) {
  const { home, ports, env, supervisor, progress } = options;
  const { signal } = supervisor;
  const executable = await temporalCli({ env, progress, signal });
  const port = await choosePort({ setting: 'UNWIND_TEMPORAL_PORT', preferred: 7233 }, ports.temporal);
  const uiPort = await choosePort({ setting: 'UNWIND_UI_PORT', preferred: 8233 }, ports.ui);
  const logFile = join(logs, 'temporal.log');
  const server = await startTemporal({ executable, home, port, uiPort, logFile, env, start, signal });
  progress(`Temporal serves at ${server.address}, its Web UI at ${server.uiUrl}`);
  return server;
}

async function ownPostgres(options: ServersOptions, logs: string, start: (spec: ChildSpec) => Child) {
  const { home, ports, supervisor, progress } = options;
  const { signal } = supervisor;
  const port = await choosePort({ setting: 'UNWIND_POSTGRES_PORT', preferred: 5433 }, ports.postgres);
  const logFile = join(logs, 'postgres.log');
  const server = await startPostgres({ home, port, logFile, durable: true, start, signal });
  progress(`Postgres serves at 127.0.0.1:${port}`);
  return server;
}

/** Ends the servers once no guest uses them; holds the lock meanwhile, so that no new run starts on half-ended ones. */
async function stopWhenUnused(
  children: readonly Child[],
  file: RunFile,
  lock: FileLock,
  { progress }: ServersOptions,
): Promise<void> {
  let told = false;
  for (;;) {
    const ended = await lock.hold(60_000, async () => {
      if (file.liveGuests().length > 0) return false;
      await Promise.all(children.map((child) => child.stop()));
      file.remove();
      return true;
    });
    if (ended) return;
    if (!told) progress('Waiting for the other runs that use these servers to end');
    told = true;
    await delay(200);
  }
}

/** Ends the servers of a run that was killed before it could do so. */
export async function endLeftovers(run: Run | undefined): Promise<void> {
  await Promise.all((run?.processes ?? []).filter(isAlive).map(endLeftover));
}

async function endLeftover(leftover: ProcessIdentity): Promise<void> {
  process.kill(leftover.pid, 'SIGINT');
  const ended = () => !isAlive(leftover) || undefined;
  await waitUntil('a leftover server to end', 10_000, ended).catch(() =>
    process.kill(leftover.pid, 'SIGKILL'),
  );
  await waitUntil(`the killed process ${leftover.pid} to end`, 5_000, ended);
}
