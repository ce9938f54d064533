import type { ProvisionErrorCode } from '../../services/error-codes';
import type { ErrorEntry } from '../../src/errors';

export const setupErrors = {
  INVALID_ARGUMENT: {
    from: 'the command line',
    meaning: 'An argument is missing or breaks its rule.',
    retriedBy: 'nobody',
    remedy: 'Correct it; the help is printed with it.',
  },
  INVALID_ORDERS: {
    from: 'order start, npm start',
    meaning: 'A file of orders cannot be read, or breaks its schema.',
    retriedBy: 'nobody',
    remedy: 'The message names each problem; examples/orders/ shows the formats.',
  },
  PORT_TAKEN: {
    from: 'npm start',
    meaning: 'A port that a setting asks for is in use.',
    retriedBy: 'caller',
    remedy: 'Stop who uses it, or leave the setting unset to have a free one found.',
  },
  BINARY_UNAVAILABLE: {
    from: 'npm start, npm test',
    meaning: 'There is no executable of the Temporal server, and no way to get one.',
    retriedBy: 'caller',
    remedy: 'The message lists what was tried; install one, or name one by its setting.',
  },
  DATABASES_UNKNOWN: {
    from: 'audit',
    meaning: 'No setting and no running installation says where the databases of the services are.',
    retriedBy: 'caller',
    remedy: 'Set the four *_DATABASE_URL, or DATABASE_URL.',
  },
  SEARCH_ATTRIBUTES_MISSING: {
    from: 'npm start',
    meaning: 'The namespace lacks the search attributes of sagas, and this client may not add them.',
    retriedBy: 'caller',
    remedy: 'Have its administrator run the command that the message gives.',
  },
  POSTGRES_UNAVAILABLE: {
    from: 'npm start, npm test',
    meaning: 'The embedded PostgreSQL has no binaries for this machine, or no user it could run as.',
    retriedBy: 'nobody',
    remedy: 'Give a server of your own with DATABASE_URL.',
  },
  PROCESS_FAILED: {
    from: 'npm start',
    meaning: 'A server or worker that this process started did not get ready, or ended by itself.',
    retriedBy: 'caller',
    remedy: 'Read the log that the message names.',
  },
  NOT_READY_IN_TIME: {
    from: 'npm start, npm test',
    meaning: 'A wait had an upper bound, and it was reached.',
    retriedBy: 'caller',
    remedy: 'Read the logs; a machine that is very busy may need another try.',
  },
  NODE_TOO_OLD: {
    from: 'every command',
    meaning: 'This Node is older than Unwind needs.',
    retriedBy: 'nobody',
    remedy: 'Install a newer one.',
  },
  INSTALL_FAILED: {
    from: 'every command',
    meaning: 'npm ci did not install the packages.',
    retriedBy: 'caller',
    remedy: 'Run npm ci by hand to see why.',
  },
  ADMIN_PASSWORD_MISSING: {
    from: 'npm start',
    meaning: 'DATABASE_URL has no password to derive the passwords of the services from.',
    retriedBy: 'nobody',
    remedy: 'Add one, or give four ready databases instead.',
  },
  MIGRATION_CHANGED: {
    from: 'npm start',
    meaning: 'The file of a migration that a database has applied was edited since. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Put the file back and write a new migration.',
  },
} satisfies Record<ProvisionErrorCode, ErrorEntry> & Record<string, ErrorEntry>;
