import type { WorkerErrorCode } from '../worker/setup-error';
import type { ErrorEntry } from './entry';

export const workerErrors: Record<WorkerErrorCode, ErrorEntry> = {
  INVALID_SETTING: {
    from: 'every command, every worker',
    meaning: 'Settings break their rule or do not fit each other; the message names every one of them.',
    retriedBy: 'nobody',
    remedy: 'Correct them; docs/configuration.md describes all.',
  },
  TEMPORAL_ADDRESS_MISSING: {
    from: 'a worker',
    meaning: 'No setting says where the Temporal server is. A worker never guesses an address.',
    retriedBy: 'nobody',
    remedy: 'Set TEMPORAL_ADDRESS, or TEMPORAL_PROFILE and the configuration file that holds it.',
  },
  TEMPORAL_UNREACHABLE: {
    from: 'every command, every worker',
    meaning: 'No Temporal server answers at the address, or it refuses this client.',
    retriedBy: 'caller',
    remedy: 'Start it, or correct TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE and the login.',
  },
  DATABASE_UNREACHABLE: {
    from: 'a worker, audit, rescue',
    meaning: 'The database of a service cannot be connected to.',
    retriedBy: 'caller',
    remedy: 'Start it, or correct its setting.',
  },
};
