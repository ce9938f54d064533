import type { Client } from '@temporalio/client';
import type { ServiceUrls } from '../services/names';
import { serviceNames } from '../services/names';
import { migrateAndSeed, provision } from '../services/provision';
import type { DatabaseSettings, StackSettings } from './config';
import { readStackSettings } from './config';
import type { Progress } from './executable';
import { homeDirectory } from './home';
import type { Servers } from './own-servers';
import { registerSearchAttributes } from './register-search-attributes';
import { acquireServers } from './servers';
import type { Supervisor } from './supervisor';
import { connectClient, localTarget, targetFromSettings, type TemporalTarget } from '../src/worker';
import { startWorkers } from './worker-processes';

/**
 * A running installation: Temporal, the four services' databases, and a worker process of each kind.
 * @property client is closed when the stack stops.
 * @property uiUrl where the Web UI is; unknown for a server that was not started here, unless `UNWIND_UI_URL` says it.
 * @property failed rejects when a part of it has died for good, and never resolves.
 */
export interface Stack {
  readonly client: Client;
  readonly address: string;
  readonly namespace: string;
  readonly urls: ServiceUrls;
  readonly uiUrl: string | undefined;
  readonly failed: Promise<never>;
}

export interface StackOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly supervisor: Supervisor;
  readonly progress: Progress;
}

/**
 * Brings up what the settings do not point at, sets up what is there, and starts the workers. Everything is stopped
 * by the supervisor, also when this fails half-way.
 * @throws SetupError
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { env, supervisor, progress } = options;
  const settings = readStackSettings(env);
  const given = targetFromSettings(env);
  const home = homeDirectory(env);
  const needs = [
    ...(given === undefined ? (['temporal'] as const) : []),
    ...(settings.databases.kind === 'embedded' ? (['postgres'] as const) : []),
  ];
  const servers = await acquireServers({ home, needs, ports: settings.ports, env, supervisor, progress });
  const target = given ?? localTarget(servers.temporal?.address ?? '', env);
  const serverFailed = serverEnded(servers, supervisor);
  // A server that dies now explains what fails after it.
  const started = await Promise.race([setUpAndWork(settings, target, servers, options), serverFailed]);
  return {
    ...started,
    address: target.address,
    namespace: target.namespace,
    uiUrl: settings.uiUrl ?? servers.temporal?.uiUrl,
    failed: Promise.race([started.failed, serverFailed]),
  };
}

async function setUpAndWork(
  settings: StackSettings,
  target: TemporalTarget,
  servers: Servers,
  { env, supervisor, progress }: StackOptions,
): Promise<Pick<Stack, 'client' | 'urls' | 'failed'>> {
  const client = await connectClient(target);
  supervisor.onStop('the client', () => client.connection.close());
  const [urls] = await Promise.all([
    databases(settings.databases, servers),
    registerSearchAttributes(client),
  ]);
  progress('The four services have their databases, the namespace its search attributes');

  const workerEnv = { ...env, TEMPORAL_ADDRESS: target.address, TEMPORAL_NAMESPACE: target.namespace };
  const { failed } = await startWorkers({
    env: workerEnv,
    urls,
    home: homeDirectory(env),
    supervisor,
    progress,
  });
  progress('The five workers poll: orchestrator, order, payment, inventory, shipping');
  return { client, urls, failed };
}

async function databases(settings: DatabaseSettings, servers: Servers): Promise<ServiceUrls> {
  switch (settings.kind) {
    case 'given':
      await Promise.all(serviceNames.map((service) => migrateAndSeed(service, settings.urls[service])));
      return settings.urls;
    case 'admin':
      return provision(settings.url);
    case 'embedded':
      return provision(servers.postgres?.url ?? '');
  }
}

/** Rejects when a server that this run owns ends by itself. */
function serverEnded({ children }: Servers, supervisor: Supervisor): Promise<never> {
  const first = Promise.race(
    children.map(async (child): Promise<never> => {
      const how = await child.exited;
      supervisor.signal.throwIfAborted();
      throw child.failure(`ended with ${how}`);
    }),
  );
  first.catch(() => undefined);
  return first;
}
