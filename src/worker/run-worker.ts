import { NativeConnection } from '@temporalio/worker';
import { createLogger, installRuntime } from './log';
import { createWorker, hostedParticipants, type WorkerHandle, type WorkerDefinition } from './create-worker';
import { describeError } from './setup-error';
import { reach, requiredTarget } from './temporal-connection';
import { readWorkerSettings, type WorkerSettings } from './worker-limits';

export type { OrchestratorWorker, ParticipantWorker } from './create-worker';

/**
 * The main function of a worker process: runs these workers until SIGTERM, SIGINT, or the end of the parent that
 * started it; then lets running activities end within the grace time, closes the databases and exits with 0. Exits
 * with 1 when a setting is wrong, a server is missing, or a worker fails.
 */
export async function runWorkers(...definitions: readonly WorkerDefinition[]): Promise<never> {
  // First of all: a signal that arrives while starting must not be lost.
  const stop = awaitStopSignal();
  try {
    await run(definitions, stop);
    process.exit(0);
  } catch (error) {
    process.stderr.write(`${describeError(error)}\n`);
    process.exit(1);
  }
}

async function run(definitions: readonly WorkerDefinition[], stop: Promise<string>): Promise<void> {
  const kinds = definitions.map(({ kind }) => kind);
  const hosted = definitions.flatMap((definition) => hostedParticipants(definition, process.env));
  const all = [...kinds, ...hosted.map(({ kind }) => kind)];
  const settings = readWorkerSettings([...new Set(all)], process.env);
  const target = requiredTarget(process.env);
  const [first = 'orchestrator'] = kinds;
  const general = settings[first] as WorkerSettings;
  const logger = createLogger(kinds.length === 1 ? `${kinds[0]}-worker` : 'workers', general.logLevel);
  installRuntime(logger, general.metricsAddress);

  const connection = await reach(target, () => NativeConnection.connect(target.options));
  const context = { connection, namespace: target.namespace, settings, env: process.env, logger };
  const workers: WorkerHandle[] = [];
  for (const definition of definitions) workers.push(await createWorker(definition, context));
  const running = runTogether(workers, stop);
  // Tells a parent that waits for it; what is said does not matter.
  process.send?.('ready');
  logger.info({ address: target.address, namespace: target.namespace, kinds }, 'polling');
  void stop.then((why) => logger.info({ why }, 'stopping'));
  await running;
  await Promise.all(workers.map((worker) => worker.close()));
  await connection.close();
}

/** Runs the workers until `stop`, or until one of them fails: then the others are shut down as well. */
async function runTogether(workers: readonly WorkerHandle[], stop: Promise<unknown>): Promise<void> {
  const shutDown = () => {
    for (const { worker } of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = workers.map(({ worker }) => worker.run());
  void Promise.race([stop, Promise.all(runs)]).then(shutDown, shutDown);
  const results = await Promise.allSettled(runs);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

function awaitStopSignal(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    process.once('disconnect', () => resolve('the parent process is gone'));
  });
}
