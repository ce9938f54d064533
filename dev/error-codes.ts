/** What can go wrong where the demo is set up. */
export type SetupErrorCode =
  /** A file of orders that cannot be read, or breaks its schema. */
  | 'INVALID_ORDERS'
  /** A port that was asked for by a setting is in use. */
  | 'PORT_TAKEN'
  /** Neither a `temporal` (or test server) executable nor a way to get one was found. */
  | 'BINARY_UNAVAILABLE'
  /** No setting and no running installation says where the services' databases are. */
  | 'DATABASES_UNKNOWN'
  /** The namespace lacks the search attributes of sagas, and this client may not add them. */
  | 'SEARCH_ATTRIBUTES_MISSING'
  /** The embedded Postgres has no binaries for this machine, or no user it could run as. */
  | 'POSTGRES_UNAVAILABLE'
  /** This user may not write to the state directory. */
  | 'HOME_NOT_WRITABLE'
  /** A server or worker that this process started did not get ready, or ended on its own. */
  | 'PROCESS_FAILED'
  /** A wait had an upper bound, and it was reached. */
  | 'NOT_READY_IN_TIME'
  /** An argument of the command line breaks its rule. */
  | 'INVALID_ARGUMENT';

/** What `dev/bootstrap.mjs` refuses with, which runs before anything is installed. */
export type BootstrapErrorCode = 'NODE_TOO_OLD' | 'INSTALL_FAILED';
