import { join } from 'node:path';
import { serviceNames, type ServiceUrls, type WorkerKind, workerKinds } from '../services/names';
import type { Child, ChildSpec } from './child';
import type { Progress } from './executable';
import { privateDirectory, projectRoot } from './home';
import { hostsParticipants, readWorkerSettings, settingOf } from '../src/worker';
import type { Supervisor } from './supervisor';

/** @property env what the workers get, apart from their databases; it names the Temporal server. */
export interface WorkersOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly urls: ServiceUrls;
  readonly home: string;
  readonly supervisor: Supervisor;
  readonly progress: Progress;
}

/** How long a worker may take to poll; the orchestrator has its workflows to bundle first. */
const readyWithinMs = 60_000;

/**
 * Starts one process per kind of worker and waits until all of them poll. One that dies later is started again.
 * @returns a promise that rejects when a worker could not be started again, and never resolves.
 * @throws SetupError `PROCESS_FAILED`, `NOT_READY_IN_TIME`, `INVALID_SETTING`
 */
export async function startWorkers(options: WorkersOptions): Promise<{ failed: Promise<never> }> {
  const { supervisor } = options;
  const running = new Map<WorkerKind, Child>();
  supervisor.onStop('the workers', async () => {
    await Promise.all([...running.values()].map((child) => child.stop()));
  });
  const specs = workerKinds.map((kind) => [kind, specOf(kind, options)] as const);
  const start = async (kind: WorkerKind, spec: ChildSpec) => {
    const child = supervisor.start(spec, false);
    running.set(kind, child);
    await untilReady(child);
    return child;
  };
  const children = await Promise.all(specs.map(([kind, spec]) => start(kind, spec)));
  const failed = Promise.all(
    specs.map(async ([kind, spec], index): Promise<never> => {
      for (let child = children[index] as Child; ; child = await start(kind, spec)) {
        const how = await child.exited;
        supervisor.signal.throwIfAborted();
        options.progress(`${spec.name} ended with ${how}; starting it again`);
      }
    }),
  ) as Promise<unknown> as Promise<never>;
  // Stopping ends these loops as well, when nobody may be listening any more.
  failed.catch(() => undefined);
  return { failed };
}

function specOf(kind: WorkerKind, { env, urls, home }: WorkersOptions): ChildSpec {
  const own = environmentOf(kind, env, urls);
  const { shutdownGraceMs } = readWorkerSettings([kind], own)[kind];
  const logs = privateDirectory(join(home, 'logs'));
  return {
    name: `The ${kind} worker`,
    command: process.execPath,
    args: workerCommand(kind),
    env: own,
    cwd: projectRoot,
    logFile: join(logs, `${kind}.log`),
    ipc: true,
    stopSignal: 'SIGTERM',
    stopWithinMs: shutdownGraceMs + 10_000,
  };
}

/** From the sources through tsx, from `dist/` as it is. */
function workerCommand(kind: WorkerKind): string[] {
  if (__filename.endsWith('.ts')) return ['--require', 'tsx/cjs', join(projectRoot, 'workers', `${kind}.ts`)];
  return ['--enable-source-maps', join(projectRoot, 'dist', 'workers', `${kind}.js`)];
}

/** No worker gets to know another service's database, nor the administrator's, unless it hosts that service's activities. */
function environmentOf(kind: WorkerKind, env: NodeJS.ProcessEnv, urls: ServiceUrls): NodeJS.ProcessEnv {
  const own: NodeJS.ProcessEnv = { ...env };
  delete own.DATABASE_URL;
  for (const service of serviceNames) delete own[settingOf(service, 'DATABASE_URL')];
  const known = kind !== 'orchestrator' ? [kind] : hostsParticipants(env) ? serviceNames : [];
  for (const service of known) own[settingOf(service, 'DATABASE_URL')] = urls[service];
  return own;
}

async function untilReady(child: Child): Promise<void> {
  let overdue: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = () => child.failure(`did not get ready within ${readyWithinMs} ms`);
    overdue = setTimeout(() => reject(error()), readyWithinMs);
  });
  const ended = child.exited.then((how) => {
    throw child.failure(`ended with ${how}`);
  });
  try {
    await Promise.race([child.firstMessage(), ended, late]);
  } finally {
    clearTimeout(overdue);
  }
}
