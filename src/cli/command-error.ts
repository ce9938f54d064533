import { SetupError } from '../worker/setup-error';

/** Why a command was not carried out. The codes are stable: scripts and docs may name them. */
export type CommandErrorCode =
  /** An argument is missing or invalid, or the server refused it. */
  | 'INVALID_ARGUMENT'
  /** The configuration file cannot be loaded, or is none. */
  | 'CONFIG_INVALID'
  /** The configuration does not name the saga that is to be started. */
  | 'SAGA_NOT_CONFIGURED'
  /** A file that a command reads cannot be read, or is not what the command needs. */
  | 'INPUT_INVALID'
  /** A file cannot be written. */
  | 'FILE_NOT_WRITTEN'
  /** The workflows cannot be bundled. */
  | 'BUNDLE_FAILED'
  /** What cannot be undone was asked for without `--yes`, and nobody can be asked. */
  | 'CONFIRMATION_NEEDED'
  /** The audit needs the participants' records, and it is not known where they are. */
  | 'RECORDS_UNKNOWN';

/** A command that was not carried out. */
export class CommandError extends SetupError<CommandErrorCode> {}
