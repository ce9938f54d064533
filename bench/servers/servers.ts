import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { connectClient, localTarget, targetFromSettings } from '../../src/worker';
import { barrierMigrations } from '../../src/participant';
import { registerSearchAttributes } from '../../dev/register-search-attributes';
import { startPostgres } from '../../dev/postgres-server';
import type { Run } from '../../dev/supervisor';
import { anyPort } from '../../dev/ports';
import { temporaryDirectory } from '../../dev/temporary-postgres';
import { placePostgres } from '../../dev/postgres-place';
import { rmSync } from 'node:fs';
import type { Servers } from '../contenders/contender';
import { startDevelopmentServer } from './development-server';
import { startRestate } from './restate-server';
import { serverBinaries } from './server-binaries';
import { startTemporalOnPostgres } from './temporal-on-postgres';

/** The servers of a run, and the processes whose CPU time is theirs, where this run has started them. */
export interface BenchServers extends Servers {
  /** For the report. */
  readonly description: string;
  readonly pids: { readonly temporal?: number; readonly postgres?: number; readonly restate?: number };
}

/**
 * Postgres, and the server that `TEMPORAL_ADDRESS` names; else Temporal's server on that Postgres; without Go, the development
 * server. Restate's server, if it takes part. All of it is new and is removed at the end.
 * @param settings of Postgres.
 */
export async function startServers(
  run: Run,
  contenders: readonly string[],
  settings: readonly string[] = [],
): Promise<BenchServers> {
  const { env, supervisor, progress } = run;
  const directory = temporaryDirectory(supervisor);
  let postgresPid: number | undefined;
  const { directory: cluster } = placePostgres(directory);
  supervisor.onStop('the cluster of the benchmark', () => rmSync(cluster, { recursive: true, force: true }));
  const { url } = await startPostgres({
    home: directory,
    port: await anyPort(),
    logFile: join(directory, 'postgres.log'),
    durable: true,
    // A contender's pools stay open for some seconds after its turn, beside those of the next ones.
    settings: ['max_connections=1200', ...settings],
    start: (spec) => {
      const child = supervisor.start(spec);
      postgresPid = child.pid;
      return child;
    },
    signal: supervisor.signal,
  });
  const databaseUrl = await createBusiness(url);
  const given = targetFromSettings(env);
  const started = given ? undefined : await startServer(run, url, directory);
  const target = given ?? localTarget(started?.address ?? '', env);
  progress(`Temporal: ${started?.description ?? `the server at ${target.address}`}`);
  const client = await connectClient(target);
  await registerSearchAttributes(client);
  await client.connection.close();
  const restate = contenders.some((name) => name.startsWith('restate'))
    ? await startRestate(directory, run)
    : undefined;
  return {
    databaseUrl,
    adminUrl: url,
    temporal: { address: target.address, namespace: target.namespace },
    peers: { ...(restate && { restateAdmin: restate.admin, restateIngress: restate.ingress }) },
    description: started?.description ?? `the server at ${target.address}`,
    pids: {
      ...(postgresPid !== undefined && { postgres: postgresPid }),
      ...(started && { temporal: started.pid }),
      ...(restate && { restate: restate.pid }),
    },
  };
}

async function startServer(run: Run, adminUrl: string, directory: string) {
  const binaries = await serverBinaries(run);
  if (binaries) {
    const { address, pid } = await startTemporalOnPostgres(
      binaries,
      adminUrl,
      join(directory, 'temporal'),
      run,
    );
    return { address, pid, description: 'server 1.32.1 on PostgreSQL, 16 history shards' };
  }
  return { ...(await startDevelopmentServer(run, directory)), description: 'development server, SQLite' };
}

/** @returns the URL of a new database with the business tables and a barrier. */
async function createBusiness(adminUrl: string): Promise<string> {
  const admin = new Client({ connectionString: adminUrl });
  await admin.connect();
  await admin.query('CREATE DATABASE business');
  await admin.end();
  const url = new URL(adminUrl);
  url.pathname = '/business';
  const client = new Client({ connectionString: url.href });
  await client.connect();
  await client.query(readFileSync(join(__dirname, '../business/schema.sql'), 'utf8'));
  for (const { sql } of barrierMigrations) await client.query(sql);
  await client.end();
  return url.href;
}
