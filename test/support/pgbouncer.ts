import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Child, ChildSpec } from '../../dev/child';
import { anyPort } from '../../dev/ports';
import { ping } from '../../dev/postgres-server';
import { untilServes } from '../../dev/wait-until';
import type { PgbouncerBinary } from './pgbouncer-binary';

/**
 * @property urls the databases behind it.
 * @property poolSize connections to the server for each database.
 * @property directory gets its configuration, which holds passwords, and its log.
 */
export interface PgbouncerOptions {
  readonly binary: PgbouncerBinary;
  readonly urls: readonly string[];
  readonly poolSize: number;
  readonly directory: string;
  readonly start: (spec: ChildSpec) => Child;
  readonly signal: AbortSignal;
}

/**
 * A pgbouncer in transaction mode on 127.0.0.1, with its own defaults where nothing speaks against them: so no startup
 * parameter is ignored for anyone.
 * @returns gives the URL of a database as it is reached through it.
 */
export async function startPgbouncer(options: PgbouncerOptions): Promise<(url: string) => string> {
  const { binary, urls, directory, signal } = options;
  const port = await anyPort();
  const configuration = join(directory, 'pgbouncer.ini');
  writeFileSync(configuration, configurationOf(options, port), { mode: 0o600 });
  const child = options.start({
    name: 'pgbouncer',
    command: binary.path,
    // As root it reads its configuration, then becomes another user.
    args: [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), configuration],
    env: binary.env,
    logFile: join(directory, 'pgbouncer.log'),
    stopSignal: 'SIGINT',
    stopWithinMs: 5_000,
  });
  const through = (direct: string) => {
    const url = new URL(direct);
    url.host = `127.0.0.1:${port}`;
    return url.href;
  };
  await untilServes(child, () => ping(through(urls[0] ?? '')), signal);
  return through;
}

function configurationOf({ urls, poolSize }: PgbouncerOptions, port: number): string {
  return [
    '[databases]',
    ...urls.map((direct) => {
      const url = new URL(direct);
      const name = decodeURIComponent(url.pathname.slice(1));
      const target = {
        host: url.hostname,
        port: url.port || '5432',
        dbname: name,
        user: decodeURIComponent(url.username),
        password: decodeURIComponent(url.password),
      };
      const parts = Object.entries(target).map(([key, value]) => `${key}='${value.replaceAll("'", "''")}'`);
      return `${name} = ${parts.join(' ')}`;
    }),
    '[pgbouncer]',
    'pool_mode = transaction',
    'listen_addr = 127.0.0.1',
    `listen_port = ${port}`,
    'unix_socket_dir =',
    'auth_type = any',
    'max_client_conn = 1000',
    `default_pool_size = ${poolSize}`,
    // A server that was killed is asked again at once, not after 15 seconds.
    'server_login_retry = 0.5',
    '',
  ].join('\n');
}
