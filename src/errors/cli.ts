import type { CommandErrorCode } from '../cli/command-error';
import type { ErrorEntry } from './entry';

export const commandErrors: Record<CommandErrorCode, ErrorEntry> = {
  INVALID_ARGUMENT: {
    from: 'the command line',
    meaning: 'An argument is missing or invalid, or the server rejected it, such as a malformed list filter.',
    retriedBy: 'nobody',
    remedy: 'Correct it. --help shows the arguments.',
  },
  CONFIG_INVALID: {
    from: 'the command line',
    meaning: 'The configuration file cannot be loaded, or its default export is not a configuration.',
    retriedBy: 'nobody',
    remedy: 'The message names each problem. docs/command-line.md has an example.',
  },
  SAGA_NOT_CONFIGURED: {
    from: 'start',
    meaning: 'The configuration does not name this saga.',
    retriedBy: 'nobody',
    remedy: 'Add its definition to `sagas` in unwind.config.ts. The message lists those that are there.',
  },
  INPUT_INVALID: {
    from: 'start, bulk, bundle',
    meaning:
      'The file cannot be read or is not JSON, or the input does not match the schema that the configuration names. Nothing was started or written.',
    retriedBy: 'nobody',
    remedy: 'The message names each problem.',
  },
  FILE_NOT_WRITTEN: {
    from: 'timeline, history export, bulk, bundle',
    meaning: 'The file cannot be written. A bulk command begins no further saga.',
    retriedBy: 'caller',
    remedy: 'Name a file that this user may write.',
  },
  BUNDLE_FAILED: {
    from: 'bundle',
    meaning:
      'The workflows cannot be bundled: their code has an error, or imports a module that workflow code may not use. Nothing was written.',
    retriedBy: 'nobody',
    remedy: 'The message is that of the bundler. Correct the code that it names.',
  },
  CONFIRMATION_NEEDED: {
    from: 'reverse, desk skip, bulk',
    meaning: 'The command cannot be undone, and there is no terminal to ask at. Nothing was done.',
    retriedBy: 'caller',
    remedy: 'Repeat it with --yes.',
  },
  RECORDS_UNKNOWN: {
    from: 'audit',
    meaning: 'The configuration reads the participants’ databases, and does not know where they are.',
    retriedBy: 'caller',
    remedy:
      'Set what the configuration reads; for the shop the four <SERVICE>_DATABASE_URL, or DATABASE_URL.',
  },
};
