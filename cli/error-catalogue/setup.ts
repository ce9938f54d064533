import type { ProvisionErrorCode } from '../../services/error-codes';
import type { ErrorEntry } from '../../src/errors';

export const setupErrors = {
  INVALID_ORDERS: {
    from: 'order start, npm start',
    meaning: 'The file of orders cannot be read or does not match its schema.',
    retriedBy: 'nobody',
    remedy: 'The message names each problem. examples/orders/ has examples.',
  },
  PORT_TAKEN: {
    from: 'npm start',
    meaning: 'A port that a setting requests is in use.',
    retriedBy: 'caller',
    remedy: 'Stop the process that uses it, set another port, or leave the setting unset.',
  },
  BINARY_UNAVAILABLE: {
    from: 'npm start, npm test',
    meaning: 'An executable of Temporal was neither found nor downloaded.',
    retriedBy: 'caller',
    remedy:
      'The message lists what was tried. Install the executable, or set UNWIND_TEMPORAL_CLI or UNWIND_TEST_SERVER to its path.',
  },
  SEARCH_ATTRIBUTES_MISSING: {
    from: 'npm start',
    meaning: 'The namespace lacks the search attributes of sagas, and they could not be added.',
    retriedBy: 'caller',
    remedy: 'Ask the namespace’s administrator to run the command in the message.',
  },
  POSTGRES_UNAVAILABLE: {
    from: 'npm start, npm test',
    meaning:
      'The embedded PostgreSQL cannot run here: there are no binaries for this machine, or no user to run it as.',
    retriedBy: 'nobody',
    remedy: 'Set DATABASE_URL to a PostgreSQL server of your own.',
  },
  PROCESS_FAILED: {
    from: 'npm start',
    meaning: 'A server or worker that this command started did not become ready, or ended.',
    retriedBy: 'caller',
    remedy: 'Read the log that the message names.',
  },
  NOT_READY_IN_TIME: {
    from: 'npm start, npm test',
    meaning: 'A server, a worker or an order was not ready before the time limit of the wait.',
    retriedBy: 'caller',
    remedy: 'Read the logs. On a very busy machine, try again.',
  },
  NODE_TOO_OLD: {
    from: 'every command',
    meaning: 'Unwind needs Node 20.19 or newer.',
    retriedBy: 'nobody',
    remedy: 'Install a newer Node.',
  },
  INSTALL_FAILED: {
    from: 'every command',
    meaning: 'npm ci failed to install the packages.',
    retriedBy: 'caller',
    remedy: 'Run npm ci to see why.',
  },
  ADMIN_PASSWORD_MISSING: {
    from: 'npm start',
    meaning: 'DATABASE_URL has no password. The passwords of the services are derived from it.',
    retriedBy: 'nobody',
    remedy: 'Add the password, or set the four <SERVICE>_DATABASE_URL instead.',
  },
  MIGRATION_CHANGED: {
    from: 'npm start',
    meaning: 'A migration that the database has applied was edited since. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Restore the file and write a new migration.',
  },
} satisfies Record<ProvisionErrorCode, ErrorEntry> & Record<string, ErrorEntry>;
