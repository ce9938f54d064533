import type { Command } from 'commander';
import type * as Console from '../../console';
import { count } from '../arguments';
import { CommandError } from '../command-error';
import { awaitInterrupt } from '../interrupt';
import { exitCodes } from '../output';
import type { Session } from '../session';

interface Options {
  readonly host: string;
  readonly port: number;
  readonly allowedHost?: readonly string[];
  readonly logDir: string;
}

/** Adds `console` to the command line. */
export function addConsoleCommand(program: Command, session: Session): void {
  program
    .command('console')
    .description(
      'serve a page in the browser to find, understand and help sagas; UNWIND_CONSOLE_TOKEN is what people log in with',
    )
    .option(
      '--host <address>',
      'the address to listen at; any but one of this machine needs a token',
      '127.0.0.1',
    )
    .option('--port <number>', 'the port to listen at', count, 7244)
    .option(
      '--allowed-host <name...>',
      'further names by which browsers reach it, for example behind a proxy',
    )
    .option('--log-dir <directory>', 'where the logs of batches are kept', 'unwind-batches')
    .action(async ({ host, port, allowedHost = [], logDir }: Options) => {
      const interrupt = awaitInterrupt();
      // Loaded for this command alone.
      const { ConsoleError, startConsole } = require('../../console') as typeof Console;
      const token = session.setting('UNWIND_CONSOLE_TOKEN');
      const running = await startConsole({
        ...{ client: await session.rescuer(), host, port, hosts: allowedHost, logDirectory: logDir },
        workflows: (await session.sagas()).map(({ definition }) => definition.workflow),
        ...(token && { token }),
      }).catch((error: unknown) => {
        if (error instanceof ConsoleError)
          throw new CommandError('INVALID_ARGUMENT', error.message, `${error.code}: see docs/console.md.`);
        throw asCommandError(error);
      });
      session.print({ url: running.url }, `The console is at ${running.url} (Ctrl-C ends it)`);
      await interrupt.race(new Promise<never>(() => undefined));
      await running.close();
      interrupt.release();
      session.exitCode(exitCodes.interrupted);
    });
}

function asCommandError(error: unknown): unknown {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES' && code !== 'EADDRNOTAVAIL') return error;
  return new CommandError('INVALID_ARGUMENT', message, 'Choose another --port or --host.', { cause: error });
}
