import type { WorkerErrorCode } from '../worker/setup-error';
import type { ErrorEntry } from './entry';

export const workerErrors: Record<WorkerErrorCode, ErrorEntry> = {
  INVALID_SETTING: {
    from: 'commands, workers',
    meaning:
      'Settings are invalid or contradict each other. The message names each of them. Nothing was started.',
    retriedBy: 'nobody',
    remedy: 'Correct them as docs/configuration.md describes.',
  },
  TEMPORAL_ADDRESS_MISSING: {
    from: 'a worker',
    meaning: 'No setting names a Temporal server. A worker has no default address.',
    retriedBy: 'nobody',
    remedy: 'Set TEMPORAL_ADDRESS, or TEMPORAL_PROFILE and a configuration file that has the profile.',
  },
  TEMPORAL_UNREACHABLE: {
    from: 'commands, workers',
    meaning:
      'No Temporal server answers at the address, it refuses this client, or it does not have the namespace.',
    retriedBy: 'caller',
    remedy: 'Start the server, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the credentials.',
  },
  DATABASE_UNREACHABLE: {
    from: 'a worker, audit, order rescue, order reverse',
    meaning: 'The database of a service cannot be reached.',
    retriedBy: 'caller',
    remedy: 'Start it, or correct its <SERVICE>_DATABASE_URL.',
  },
  WORKFLOW_BUNDLE_UNREADABLE: {
    from: 'a worker',
    meaning:
      'The file of the workflow bundle is missing or cannot be read. The worker does not bundle the workflows instead.',
    retriedBy: 'caller',
    remedy: 'Make the file with `unwind bundle`, or correct ORCHESTRATOR_WORKFLOW_BUNDLE.',
  },
  WORKFLOW_BUNDLE_MISMATCH: {
    from: 'a worker',
    meaning:
      'The workflow bundle was made by another version of this library or of the Temporal SDK, or without the plugin `sagaBundling`.',
    retriedBy: 'nobody',
    remedy: 'Make it again with the packages that the worker runs with: `unwind bundle`.',
  },
};
