import type { Client } from '@temporalio/client';
import { serviceNames, type ServiceUrls } from '../services/names';
import { migrateAndSeed, provision } from '../services/provision';
import { type DatabaseSettings, readStackSettings } from './config';
import { homeDirectory } from './home';
import { registerSearchAttributes } from './register-search-attributes';
import { type Servers, serversOf } from './servers';
import type { Run, Supervisor } from './supervisor';
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

/**
 * Brings up what the settings do not point at, sets up what is there, and starts the workers. Everything is stopped
 * by the supervisor, also when this fails half-way.
 * @throws SetupError
 */
export async function startStack(run: Run): Promise<Stack> {
  const { env, supervisor, progress } = run;
  const settings = readStackSettings(env);
  const given = targetFromSettings(env);
  const home = homeDirectory(env);
  const servers = serversOf(home, settings.ports, run);

  async function setUpAndWork(): Promise<Stack> {
    const [temporal, urls] = await Promise.all([
      given ? undefined : servers.temporal(),
      databases(settings.databases, servers),
    ]);
    const target = given ?? localTarget(temporal?.address ?? '', env);
    const client = await connect(target, supervisor);
    progress('The four services have their databases, the namespace its search attributes');
    const { address, namespace } = target;
    const workerEnv = { ...env, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
    const workers = await startWorkers(home, urls, { ...run, env: workerEnv });
    progress('The five workers poll: orchestrator, order, payment, inventory, shipping');
    const failed = Promise.race([workers.failed, servers.failed]);
    return { client, address, namespace, urls, uiUrl: settings.uiUrl ?? temporal?.uiUrl, failed };
  }
  // A server that dies explains what fails after it.
  return Promise.race([setUpAndWork(), servers.failed]);
}

async function connect(target: TemporalTarget, supervisor: Supervisor): Promise<Client> {
  const client = await connectClient(target);
  supervisor.onStop('the client', () => client.connection.close());
  await registerSearchAttributes(client);
  return client;
}

async function databases(settings: DatabaseSettings, servers: Servers): Promise<ServiceUrls> {
  if (settings.kind === 'admin') return provision(settings.url);
  if (settings.kind === 'embedded') return provision((await servers.postgres()).url);
  await Promise.all(serviceNames.map((service) => migrateAndSeed(service, settings.urls[service])));
  return settings.urls;
}
