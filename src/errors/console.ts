import type { ConsoleErrorCode } from '../console/console-error';
import type { ErrorEntry } from './entry';

export const consoleErrors: Record<ConsoleErrorCode, ErrorEntry> = {
  TOKEN_NEEDED: {
    from: 'startConsole, console',
    meaning:
      'The console listens to other machines and has no token, or its token has fewer than 16 characters. It was not started.',
    retriedBy: 'caller',
    remedy: 'Set a long random token, for example `openssl rand -hex 24`, or listen at 127.0.0.1.',
  },
  TOKEN_MISSING: {
    from: 'the console (401)',
    meaning: 'The browser has not logged in, or with another token.',
    retriedBy: 'caller',
    remedy: 'Log in with the token of the console, UNWIND_CONSOLE_TOKEN of its process.',
  },
  ORIGIN_REFUSED: {
    from: 'the console (403)',
    meaning:
      'The request comes from another site or names a host that the console does not know. Nothing was done: it may be an attack through the browser.',
    retriedBy: 'nobody',
    remedy:
      'Behind a proxy, name its host with --allowed-host. A program sends the header x-unwind-console with what changes something.',
  },
  REQUEST_INVALID: {
    from: 'the console (400)',
    meaning:
      'The request is malformed, or the Temporal server refuses its list filter or cannot be reached. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'The message names each problem.',
  },
  NOT_FOUND: {
    from: 'the console (404)',
    meaning: 'There is no such batch, or nothing at this address.',
    retriedBy: 'nobody',
    remedy: 'Batches whose logs were moved away are forgotten when the console starts.',
  },
  BATCH_STATE: {
    from: 'the console (409)',
    meaning: 'A batch in this state cannot be suspended, resumed or cancelled. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Look at the batch: it may be done, or another operator has cancelled it.',
  },
  CONSOLE_FAILED: {
    from: 'the console (500)',
    meaning: 'Something failed that the console does not expect. What was asked for may have been done.',
    retriedBy: 'nobody',
    remedy: 'Look at the saga before you repeat it. The message says what failed; report it as a bug.',
  },
  CONSOLE_UNREACHABLE: {
    from: 'the page of the console',
    meaning: 'The console does not answer. What was asked for last may have been done.',
    retriedBy: 'caller',
    remedy: 'Check that its process runs, and look at the saga before you repeat anything.',
  },
  PAGE_NOT_BUILT: {
    from: 'startConsole, console',
    meaning: 'The files of the page are not there: the package was built without them.',
    retriedBy: 'nobody',
    remedy: 'Install the published package, or run `node dev/build-console.mjs` in a checkout.',
  },
};
