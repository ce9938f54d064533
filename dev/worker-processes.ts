import { join } from 'node:path';
import { serviceNames, type ServiceUrls, type WorkerKind, workerKinds } from '../services/names';
import type { Child, ChildSpec } from './child';
import { privateDirectory, projectRoot } from './home';
import { hostsParticipants, readWorkerSettings, settingOf } from '../src/worker';
import type { Run } from './supervisor';
import { waitUntil } from './wait-until';

/**
 * Starts one process per kind of worker and waits until all of them poll. One that dies later is started again.
 * @param run its `env` is what the workers get, apart from their databases; it names the Temporal server.
 * @returns a promise that rejects when a worker could not be started again, and never resolves.
 * @throws SetupError `PROCESS_FAILED`, `NOT_READY_IN_TIME`, `INVALID_SETTING`
 */
export async function startWorkers(
  home: string,
  urls: ServiceUrls,
  run: Run,
): Promise<{ failed: Promise<never> }> {
  const { env, supervisor, progress } = run;
  const running = new Map<WorkerKind, Child>();
  supervisor.onStop('the workers', () => Promise.all([...running.values()].map((child) => child.stop())));
  const start = async (kind: WorkerKind) => {
    const child = supervisor.start(specOf(kind, home, environmentOf(kind, env, urls)), false);
    running.set(kind, child);
    await untilPolls(child);
    return child;
  };
  const restart = async (kind: WorkerKind, first: Child): Promise<never> => {
    for (let child = first; ; child = await start(kind)) {
      const how = await child.exited;
      supervisor.signal.throwIfAborted();
      progress(`${child.spec.name} ended with ${how}; starting it again`);
    }
  };
  const children = await Promise.all(workerKinds.map(async (kind) => [kind, await start(kind)] as const));
  const failed = Promise.race(children.map(([kind, child]) => restart(kind, child)));
  // Stopping ends these loops as well, when nobody may be listening any more.
  failed.catch(() => undefined);
  return { failed };
}

/** The orchestrator has its workflows to bundle first. */
async function untilPolls(child: Child): Promise<void> {
  let polls: true | undefined;
  void child.firstMessage().then(() => (polls = true));
  await waitUntil(`${child.spec.name} to poll`, 60_000, () => {
    child.assertRuns();
    return polls;
  });
}

function specOf(kind: WorkerKind, home: string, env: NodeJS.ProcessEnv): ChildSpec {
  const { shutdownGraceMs } = readWorkerSettings([kind], env)[kind];
  return {
    name: `The ${kind} worker`,
    command: process.execPath,
    args: ['--require', 'tsx/cjs', join(projectRoot, 'workers', `${kind}.ts`)],
    env,
    cwd: projectRoot,
    logFile: join(privateDirectory(join(home, 'logs')), `${kind}.log`),
    ipc: true,
    stopSignal: 'SIGTERM',
    stopWithinMs: shutdownGraceMs + 10_000,
  };
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
