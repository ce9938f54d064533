import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { hostname } from 'node:os';
import type { Database } from '../participant/database';
import type { ServiceName } from '../services/names';
import type { Logger } from './log';
import { createLogger, installRuntime } from './log';
import { openServiceDatabase } from './service-database';
import { describeError } from './setup-error';
import { temporalTarget } from './running';
import { connectWorker } from './temporal-connection';
import type { WorkerSettings } from './worker-limits';
import { readWorkerSettings } from './worker-limits';

/** Runs the activities of one service, on that service's own database. */
export interface ParticipantWorker {
  readonly kind: ServiceName;
  readonly taskQueue: string;
  readonly activities: (database: Database) => object;
}

/** Runs workflows, and no activities. */
export interface OrchestratorWorker {
  readonly kind: 'orchestrator';
  readonly taskQueue: string;
  readonly workflowsPath: string;
}

export type WorkerDefinition = ParticipantWorker | OrchestratorWorker;

/** How much longer than the grace time the shutdown may take before the process gives up, in milliseconds. */
const forceAfterMs = 5_000;

interface Part {
  readonly worker: Worker;
  readonly close: () => Promise<void>;
}

/**
 * The main function of a worker process: runs these workers until SIGTERM, SIGINT, or the end of the parent that
 * started it; then lets running activities end within the grace time, closes the databases and exits with 0. Exits
 * with 1 when a setting is wrong, a server is missing, or a worker fails.
 */
export async function runWorkers(...definitions: readonly WorkerDefinition[]): Promise<never> {
  // First of all: a signal that arrives while starting must not be lost.
  const stop = stopRequested();
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
  const settings = readWorkerSettings(kinds, process.env);
  const target = temporalTarget(process.env);
  const general = settings[kinds[0] ?? 'orchestrator'];
  const logger = createLogger(kinds.length === 1 ? `${kinds[0]}-worker` : 'workers', general.logLevel);
  installRuntime(logger, general.metricsAddress);

  const connection = await connectWorker(target);
  const parts: Part[] = [];
  for (const definition of definitions) {
    parts.push(await create(definition, settings[definition.kind], connection, target.namespace, logger));
  }
  const running = runTogether(parts, stop);
  // Tells a parent that waits for it; what is said does not matter.
  process.send?.('ready');
  logger.info({ address: target.address, namespace: target.namespace, kinds }, 'polling');
  void stop.then((why) => logger.info({ why }, 'stopping'));
  await running;
  await Promise.all(parts.map((part) => part.close()));
  await connection.close();
}

/** Runs the workers until `stop`, or until one of them fails: then the others are shut down as well. */
async function runTogether(parts: readonly Part[], stop: Promise<unknown>): Promise<void> {
  const shutDown = () => {
    for (const { worker } of parts) if (worker.getState() === 'RUNNING') worker.shutdown();
  };
  const runs = parts.map(({ worker }) => worker.run());
  void Promise.race([stop, Promise.all(runs)]).then(shutDown, shutDown);
  const results = await Promise.allSettled(runs);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure !== undefined) throw failure.reason;
}

async function create(
  definition: WorkerDefinition,
  settings: WorkerSettings,
  connection: NativeConnection,
  namespace: string,
  logger: Logger,
): Promise<Part> {
  const options: WorkerOptions = {
    connection,
    namespace,
    taskQueue: definition.taskQueue,
    identity: `${definition.kind}@${hostname()}:${process.pid}`,
    shutdownGraceTime: settings.shutdownGraceMs,
    shutdownForceTime: settings.shutdownGraceMs + forceAfterMs,
  };
  if (definition.kind === 'orchestrator') {
    const worker = await Worker.create({
      ...options,
      workflowsPath: definition.workflowsPath,
      maxConcurrentWorkflowTaskExecutions: settings.maxWorkflowTasks,
      maxCachedWorkflows: settings.maxCachedWorkflows,
    });
    return { worker, close: () => Promise.resolve() };
  }
  const database = await openServiceDatabase(definition.kind, {
    url: settings.databaseUrl,
    poolSize: settings.poolSize,
    maxStatementMs: settings.maxStatementMs,
    applicationName: `unwind-${definition.kind}`,
    onError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
  });
  const worker = await Worker.create({
    ...options,
    activities: definition.activities(database),
    maxConcurrentActivityTaskExecutions: settings.maxActivities,
  });
  return { worker, close: () => database.close() };
}

function stopRequested(): Promise<string> {
  return new Promise((resolve) => {
    process.once('SIGTERM', () => resolve('SIGTERM'));
    process.once('SIGINT', () => resolve('SIGINT'));
    process.once('disconnect', () => resolve('the parent process is gone'));
  });
}
