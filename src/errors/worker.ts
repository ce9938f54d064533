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
};
