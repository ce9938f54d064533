import type { NativeConnection, WorkerOptions } from '@temporalio/worker';
import { Worker } from '@temporalio/worker';
import { hostname } from 'node:os';
import { sagaActivities } from '../client';
import { sagaBundling } from './bundle';
import { readBundle } from './bundle-file';
import { type Database, RecordsReader } from '../participant';
import type { Logger } from './log';
import { hostsParticipants } from './placements';
import { openParticipantDatabase } from './participant-database';
import type { Settings } from './settings';
import type { WorkerKind, WorkerSettings } from './worker-limits';

/** Runs the activities of one participant, on that participant's own database. */
export interface ParticipantWorker {
  /** The participant's name. */
  readonly kind: string;
  readonly taskQueue: string;
  readonly activities: (database: Database) => object;
}

/**
 * Runs workflows; and activities of the participants, if sagas are placed on its own queue. Its workflows come from one place:
 * the file that the setting `ORCHESTRATOR_WORKFLOW_BUNDLE` names, otherwise `workflowBundle` or `workflowsPath`.
 */
export type OrchestratorWorker = {
  readonly kind: 'orchestrator';
  readonly taskQueue: string;
  readonly participants: readonly ParticipantWorker[];
} & WorkflowSource;

/** Where an orchestrator's workflows come from. */
export type WorkflowSource =
  /** Their sources, which the worker bundles each time it starts. */
  | { readonly workflowsPath: string; readonly workflowBundle?: never }
  /** A file made ahead of time by `unwind bundle` or {@link bundleSagas}. The worker never bundles in its place. */
  | { readonly workflowBundle: { readonly codePath: string }; readonly workflowsPath?: never };

/** What a worker process runs. */
export type WorkerDefinition = ParticipantWorker | OrchestratorWorker;

function isOrchestrator(definition: WorkerDefinition): definition is OrchestratorWorker {
  return 'participants' in definition;
}

/** How much longer than the grace time the shutdown may take before the process gives up, in milliseconds. */
const forceAfterMs = 5_000;

/** What all workers of a process share. */
export interface WorkerContext {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly settings: Readonly<Partial<Record<WorkerKind, WorkerSettings>>>;
  readonly env: Settings;
  readonly logger: Logger;
}

/** A worker that does not run yet, and what closes its databases. */
export interface WorkerHandle {
  readonly worker: Worker;
  readonly close: () => Promise<void>;
}

/** The participants whose activities a worker runs on its own queue besides its workflows. */
export function hostedParticipants(
  definition: WorkerDefinition,
  env: Settings,
): readonly ParticipantWorker[] {
  return isOrchestrator(definition) && hostsParticipants(env) ? definition.participants : [];
}

/** @throws SetupError `DATABASE_UNREACHABLE`, `WORKFLOW_BUNDLE_UNREADABLE`, `WORKFLOW_BUNDLE_MISMATCH` */
export async function createWorker(
  definition: WorkerDefinition,
  context: WorkerContext,
): Promise<WorkerHandle> {
  const { connection, namespace } = context;
  const settings = settingsOf(definition.kind, context);
  const workflows = isOrchestrator(definition) ? workflowOptions(definition, settings, context) : {};
  const served = isOrchestrator(definition) ? hostedParticipants(definition, context.env) : [definition];
  const databases: Database[] = [];
  const records: RecordsReader[] = [];
  let activities = {};
  for (const participant of served) {
    const database = await open(participant.kind, context);
    databases.push(database);
    records.push(new RecordsReader(participant.kind, database));
    activities = { ...activities, ...participant.activities(database) };
  }
  const options: WorkerOptions = {
    connection,
    namespace,
    taskQueue: definition.taskQueue,
    identity: `${definition.kind}@${hostname()}:${process.pid}`,
    shutdownGraceTime: settings.shutdownGraceMs,
    shutdownForceTime: settings.shutdownGraceMs + forceAfterMs,
    activities,
    maxConcurrentActivityTaskExecutions: settings.maxActivities,
    ...workflows,
    ...(isOrchestrator(definition) && {
      activities: { ...activities, ...sagaActivities({ records }) },
      maxConcurrentWorkflowTaskExecutions: settings.maxWorkflowTasks,
      maxConcurrentLocalActivityExecutions: settings.maxActivities,
      maxCachedWorkflows: settings.maxCachedWorkflows,
    }),
  };
  const worker = await Worker.create(options);
  return { worker, close: async () => void (await Promise.all(databases.map((each) => each.close()))) };
}

function workflowOptions(
  definition: OrchestratorWorker,
  settings: WorkerSettings,
  { logger }: WorkerContext,
): Partial<WorkerOptions> {
  if (settings.workflowBundle !== undefined) return bundleOptions(settings.workflowBundle, logger);
  if (definition.workflowBundle) return bundleOptions(definition.workflowBundle.codePath, logger);
  return { workflowsPath: definition.workflowsPath, plugins: [sagaBundling] };
}

function bundleOptions(codePath: string, logger: Logger): Partial<WorkerOptions> {
  // The code that was checked, and not the file, which may be replaced before the SDK reads it.
  const code = readBundle(codePath);
  logger.info({ codePath }, 'the workflows come from a bundle');
  return { workflowBundle: { code } };
}

function open(participant: string, context: WorkerContext): Promise<Database> {
  const settings = settingsOf(participant, context);
  return openParticipantDatabase(participant, {
    url: settings.databaseUrl,
    poolSize: settings.poolSize,
    maxStatementMs: settings.maxStatementMs,
    preparedStatements: settings.preparedStatements,
    applicationName: `unwind-${participant}`,
    onError: (error) => context.logger.warn({ err: error }, 'a database connection was lost'),
  });
}

function settingsOf(kind: WorkerKind, { settings }: WorkerContext): WorkerSettings {
  const found = settings[kind];
  if (!found) throw new Error(`the settings of the ${kind} worker were not read`);
  return found;
}
