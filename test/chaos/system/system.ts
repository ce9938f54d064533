import { settingOf } from '../../../src/worker';
import type { Client } from '@temporalio/client';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ChildSpec } from '../../../dev/child';
import { projectRoot } from '../../../dev/home';
import { anyPort } from '../../../dev/ports';
import { startPostgres } from '../../../dev/postgres-server';
import { registerSearchAttributes } from '../../../dev/register-search-attributes';
import { SetupError } from '../../../src/worker/setup-error';
import type { Supervisor } from '../../../dev/supervisor';
import { temporalCli } from '../../../dev/temporal-binary';
import { connectClient, localTarget } from '../../../src/worker/temporal-connection';
import { startTemporal } from '../../../dev/temporal-server';
import { serviceNames, type ServiceUrls, type WorkerKind, workerKinds } from '../../../services/names';
import { fulfilment } from '../../../services/order/fulfilment';
import { provision } from '../../../services/provision';
import { startPgbouncer } from '../../support/pgbouncer';
import { findPgbouncer } from '../../support/pgbouncer-binary';
import type { Style } from '../options';
import { CuttingProxy } from './cutting-proxy';
import { KillableServer } from './killable-server';
import { WorkerPool } from './worker-pool';

/** Worker processes of each kind. */
const COPIES = 2;

/** Connections of the pooler to each database: fewer than the 40 of the workers, so that they take turns. */
const POOLED = 8;

export interface SystemOptions {
  /** Where all state is; servers that were killed go on from what is there. */
  readonly home: string;
  readonly style: Style;
  /** Whether a pgbouncer stands between the services and their databases; undefined: if there is one. */
  readonly pooler: boolean | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly supervisor: Supervisor;
  readonly progress: (line: string) => void;
}

/** The whole shop as processes: servers, databases, and several workers of each kind behind a proxy. */
export interface ChaosSystem {
  /** Connected to the server itself, not through the proxy. */
  readonly client: Client;
  /** The databases themselves, for the checks. */
  readonly urls: ServiceUrls;
  /** The databases as the services reach them. */
  readonly pooledUrls: ServiceUrls;
  readonly temporal: KillableServer<unknown>;
  readonly postgres: KillableServer<unknown>;
  readonly proxy: CuttingProxy;
  readonly workers: WorkerPool;
}

/** Starts it all; the supervisor ends it. `plan.json` must be in the home already. @throws SetupError */
export async function startSystem(options: SystemOptions): Promise<ChaosSystem> {
  const { home, supervisor, progress } = options;
  mkdirSync(join(home, 'logs'), { recursive: true });
  const [temporal, postgres] = await Promise.all([ownTemporal(options), ownPostgres(options)]);
  const client = await connectClient(localTarget(temporal.place.address, {}));
  supervisor.onStop('the client', () => client.connection.close());
  const [urls] = await Promise.all([provision(postgres.place.url), registerSearchAttributes(client)]);
  const pooledUrls = await throughPooler(urls, options);
  const proxy = new CuttingProxy(temporal.port);
  const proxyPort = await proxy.listen();
  supervisor.onStop('the proxy', () => proxy.close());
  progress('The servers serve; starting the workers');
  const workers = new WorkerPool(supervisor);
  await workers.start(
    workerKinds.flatMap((kind) =>
      Array.from({ length: COPIES }, (_, copy) => workerSpec(kind, copy, pooledUrls, proxyPort, options)),
    ),
  );
  return { client, urls, pooledUrls, temporal: temporal.server, postgres: postgres.server, proxy, workers };
}

async function ownTemporal({ home, env, supervisor, progress }: SystemOptions) {
  const { signal } = supervisor;
  const executable = await temporalCli({ env, progress, signal });
  const port = await anyPort();
  const uiPort = await anyPort();
  const logFile = join(home, 'logs', 'temporal.log');
  const own = { PATH: env.PATH, HOME: env.HOME };
  return {
    ...(await KillableServer.start('Temporal', supervisor, (start) =>
      startTemporal({ executable, home, port, uiPort, logFile, env: own, start, signal }),
    )),
    port,
  };
}

async function ownPostgres({ home, supervisor }: SystemOptions) {
  const port = await anyPort();
  const logFile = join(home, 'logs', 'postgres.log');
  const { signal } = supervisor;
  return KillableServer.start('Postgres', supervisor, (start) =>
    startPostgres({ home, port, logFile, durable: true, start, signal }),
  );
}

/** @throws SetupError `BINARY_UNAVAILABLE` when a pooler is asked for and cannot be had. */
async function throughPooler(
  urls: ServiceUrls,
  { pooler, home, env, supervisor, progress }: SystemOptions,
): Promise<ServiceUrls> {
  if (pooler === false) return urls;
  const binary = findPgbouncer(env);
  if (typeof binary === 'string') {
    if (pooler) throw new SetupError('BINARY_UNAVAILABLE', binary, 'Install it, or give --no-pooler.');
    progress(`Without a pooler: ${binary}`);
    return urls;
  }
  const { signal } = supervisor;
  const through = await startPgbouncer({
    binary,
    urls: Object.values(urls),
    poolSize: POOLED,
    directory: join(home, 'logs'),
    start: (spec) => supervisor.start(spec),
    signal,
  });
  progress(`Through pgbouncer: ${POOLED} connections to each database`);
  return Object.fromEntries(serviceNames.map((service) => [service, through(urls[service])])) as ServiceUrls;
}

/** Nothing of the caller's settings reaches a worker: it works for this system and no other. */
function workerSpec(
  kind: WorkerKind,
  copy: number,
  urls: ServiceUrls,
  temporalPort: number,
  { home, style, env }: SystemOptions,
): ChildSpec {
  // Sagas of every placement run, so the orchestrators host the activities of all participants too.
  const hostsAll = kind === 'orchestrator' && style === 'unwind';
  const databases = serviceNames
    .filter((service) => service === kind || hostsAll)
    .map((service) => [settingOf(service, 'DATABASE_URL'), urls[service]]);
  return {
    name: `The ${kind} worker ${copy}`,
    command: process.execPath,
    args: ['--require', 'tsx/cjs', require.resolve('../worker/main'), kind, style, home],
    env: {
      PATH: env.PATH,
      HOME: env.HOME,
      TMPDIR: env.TMPDIR,
      TEMPORAL_ADDRESS: `127.0.0.1:${temporalPort}`,
      TEMPORAL_NAMESPACE: 'default',
      UNWIND_LOG_LEVEL: 'error',
      ...(hostsAll && { UNWIND_PLACEMENTS: `${fulfilment.workflow}=express` }),
      ...(Object.fromEntries(databases) as NodeJS.ProcessEnv),
    },
    cwd: projectRoot,
    logFile: join(home, 'logs', `${kind}-${copy}.log`),
    ipc: true,
    stopSignal: 'SIGTERM',
    stopWithinMs: 5_000,
  };
}
