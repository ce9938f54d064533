import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import type { Child } from '../../dev/child';
import { isFree, withPortsHeld } from '../../dev/ports';
import type { Run } from '../../dev/supervisor';
import { untilServes } from '../../dev/wait-until';
import type { ServerBinaries } from './server-binaries';

/** The history shards of a new cluster: fixed for good when it is created. */
const HISTORY_SHARDS = 16;

/** A running server, with all four of its services in one process. */
export interface TemporalOnPostgres {
  readonly address: string;
  readonly pid: number;
}

/** Starts Temporal's server on new databases of this Postgres, and creates the namespace `default`. */
export async function startTemporalOnPostgres(
  { server, sqlTool }: ServerBinaries,
  adminUrl: string,
  directory: string,
  { supervisor }: Run,
): Promise<TemporalOnPostgres> {
  mkdirSync(directory, { recursive: true });
  await setUpSchemas(sqlTool, new URL(adminUrl));
  const logFile = join(directory, 'server.log');
  return await withPortsHeld(async () => {
    const { config, address } = await writeConfiguration(new URL(adminUrl), directory);
    const child: Child = supervisor.start({
      name: 'Temporal on Postgres',
      command: server,
      args: ['--config-file', config, '--allow-no-auth', 'start'],
      env: { PATH: process.env.PATH, HOME: process.env.HOME },
      logFile,
      stopSignal: 'SIGTERM',
      stopWithinMs: 20_000,
    });
    await untilServes(child, () => createNamespace(address), supervisor.signal);
    return { address, pid: child.pid };
  });
}

const databases = { temporal: 'temporal', visibility: 'visibility' } as const;

async function setUpSchemas(sqlTool: string, admin: URL): Promise<void> {
  const where = [
    ...['--plugin', 'postgres12_pgx', '--ep', admin.hostname, '-p', admin.port],
    ...['-u', admin.username, '--pw', decodeURIComponent(admin.password)],
  ];
  const run = (database: string, ...args: string[]) =>
    promisify(execFile)(sqlTool, [...where, '--db', `temporal_${database}`, ...args]);
  for (const [database, schema] of Object.entries(databases)) {
    await run(database, 'create');
    await run(database, 'setup-schema', '-v', '0.0');
    await run(database, 'update-schema', '--schema-name', `postgresql/v12/${schema}`);
  }
}

async function writeConfiguration(admin: URL, directory: string) {
  const ports = await freePorts(8);
  const store = (database: string, connections: number) => ({
    sql: {
      pluginName: 'postgres12_pgx',
      databaseName: `temporal_${database}`,
      connectAddr: admin.host,
      connectProtocol: 'tcp',
      user: admin.username,
      password: decodeURIComponent(admin.password),
      maxConns: connections,
      maxIdleConns: connections,
      maxConnLifetime: '1h',
    },
  });
  const service = () => ({
    rpc: { grpcPort: ports.pop(), membershipPort: ports.pop(), bindOnIP: '127.0.0.1' },
  });
  const frontend = service();
  const address = `127.0.0.1:${frontend.rpc.grpcPort}`;
  const dynamic = join(directory, 'dynamic.yaml');
  // JSON is YAML.
  writeFileSync(dynamic, JSON.stringify(dynamicConfiguration));
  const config = join(directory, 'server.yaml');
  const configuration = {
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: HISTORY_SHARDS,
      datastores: { default: store('temporal', 40), visibility: store('visibility', 10) },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: { frontend, matching: service(), history: service(), worker: service() },
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: address },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } },
    namespaceDefaults: { archival: { history: { state: 'disabled' }, visibility: { state: 'disabled' } } },
    publicClient: { hostPort: address },
    dynamicConfigClient: { filepath: dynamic, pollInterval: '60s' },
  };
  writeFileSync(config, JSON.stringify(configuration, undefined, 2), { mode: 0o600 });
  return { config, address };
}

/** The schema keeps the ports of a cluster's members as signed numbers of 16 bits (server 1.32.1). */
const LOWEST_PORT = 20_000;

async function freePorts(count: number): Promise<number[]> {
  const ports: number[] = [];
  for (let port = LOWEST_PORT; ports.length < count; port++) if (await isFree(port)) ports.push(port);
  return ports;
}

/** What differs from the server's defaults: nothing but limits that a benchmark on one host would meet. */
const dynamicConfiguration = {
  'frontend.namespaceRPS': [{ value: 100_000 }],
  'frontend.rps': [{ value: 100_000 }],
  'history.rps': [{ value: 100_000 }],
  'matching.rps': [{ value: 100_000 }],
  'frontend.namespaceCount': [{ value: 100_000 }],
  'history.persistenceMaxQPS': [{ value: 100_000 }],
  'frontend.persistenceMaxQPS': [{ value: 100_000 }],
  'matching.persistenceMaxQPS': [{ value: 100_000 }],
};

async function createNamespace(address: string): Promise<void> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService
      .registerNamespace({
        namespace: 'default',
        workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
      })
      .catch((error: Error) => {
        if (!/already/i.test(error.message)) throw error;
      });
    // A new namespace is known to the other services with their next look.
    await connection.workflowService.startWorkflowExecution({
      namespace: 'default',
      workflowId: 'probe',
      requestId: 'probe',
      workflowType: { name: 'probe' },
      taskQueue: { name: 'nobody' },
    });
    await connection.workflowService.terminateWorkflowExecution({
      namespace: 'default',
      workflowExecution: { workflowId: 'probe' },
    });
  } finally {
    await connection.close();
  }
}
