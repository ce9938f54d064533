/** Runs the worker processes of sagas and participants in production: settings, limits, connections, logs, shutdown. */
export { bundleSagas, sagaBundling } from './bundle';
export type {
  OrchestratorWorker,
  ParticipantWorker,
  WorkerDefinition,
  WorkflowSource,
} from './create-worker';
export { openParticipantDatabase } from './participant-database';
export type { ProcessMemory } from './limit-conflicts';
export { hostsParticipants, readPlacements } from './placements';
export { runWorkers } from './run-worker';
export type { Settings } from './settings';
export { describeError, SetupError, type WorkerErrorCode } from './setup-error';
export { connectClient, localTarget, targetFromSettings, type TemporalTarget } from './temporal-connection';
export { readWorkerSettings, settingOf, type WorkerKind, type WorkerSettings } from './worker-limits';
