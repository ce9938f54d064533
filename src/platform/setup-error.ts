import { inspect } from 'node:util';
import { ProvisionError } from '../services/errors';

/** What can be wrong around the system rather than in it. The codes are stable: scripts and docs may name them. */
export type SetupErrorCode =
  /** Settings that break their rule; the message names every one of them. */
  | 'INVALID_SETTING'
  /** A file of orders that cannot be read, or breaks its schema. */
  | 'INVALID_ORDERS'
  /** A port that was asked for by a setting is in use. */
  | 'PORT_TAKEN'
  /** Neither a `temporal` (or test server) executable nor a way to get one was found. */
  | 'BINARY_UNAVAILABLE'
  /** No Temporal server answers at the address, or it refuses this client. */
  | 'TEMPORAL_UNREACHABLE'
  /** A service's database cannot be connected to. */
  | 'DATABASE_UNREACHABLE'
  /** No setting and no running installation says where the services' databases are. */
  | 'DATABASES_UNKNOWN'
  /** The namespace lacks the search attributes of sagas, and this client may not add them. */
  | 'SEARCH_ATTRIBUTES_MISSING'
  /** The embedded Postgres has no binaries for this machine, or no user it could run as. */
  | 'POSTGRES_UNAVAILABLE'
  /** Another process holds the state directory, or runs there without what this one needs. */
  | 'HOME_IN_USE'
  /** This user may not write to the state directory. */
  | 'HOME_NOT_WRITABLE'
  /** A server or worker that this process started did not get ready, or ended on its own. */
  | 'PROCESS_FAILED'
  /** A wait had an upper bound, and it was reached. */
  | 'NOT_READY_IN_TIME'
  /** An argument of the command line breaks its rule. */
  | 'INVALID_ARGUMENT';

/** What `src/platform/bootstrap.mjs` refuses with, which runs before anything is installed. */
export type BootstrapErrorCode = 'NODE_TOO_OLD' | 'INSTALL_FAILED';

/**
 * Something the user can put right. The command line prints `code: message` and the hint, without a stack.
 * @property hint what to do about it.
 */
export class SetupError extends Error {
  override readonly name = 'SetupError';

  constructor(
    readonly code: SetupErrorCode,
    message: string,
    readonly hint: string,
    options?: ErrorOptions,
  ) {
    super(withoutLogins(message), options);
  }
}

/** A URL may stand in any setting by mistake, and messages go into logs. */
function withoutLogins(text: string): string {
  return text.replace(/:\/\/[^\s/]*@/g, '://…@');
}

/** An error as the command line shows it: what has a code with that code, anything else with its stack and causes. */
export function describeError(error: unknown): string {
  if (error instanceof SetupError) return `${error.code}: ${error.message}\n  ${error.hint}`;
  if (error instanceof ProvisionError) return `${error.code}: ${error.message}`;
  return inspect(error);
}
