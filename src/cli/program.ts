import { Command } from 'commander';
import type { ErrorSection } from '../errors';
import { addAuditCommand } from './commands/audit';
import { addBulkCommand } from './commands/bulk';
import { addBundleCommand } from './commands/bundle';
import { addConsoleCommand } from './commands/console';
import { addCompletionCommand } from './commands/completion';
import { addDeskCommands } from './commands/desk';
import { addErrorsCommand } from './commands/errors';
import { addHistoryCommands } from './commands/history';
import { addLookCommands } from './commands/look';
import { addRunCommands } from './commands/run';
import { addStatsCommand } from './commands/stats';
import { addUpdateCommand } from './commands/update';
import { addDrawCommands } from './commands/draw';
import { addWatchCommand } from './commands/watch';
import type { Session } from './session';

/** A command line that prints `INVALID_ARGUMENT: …` and exits with 1 for invalid arguments. */
export function rootCommand(name: string): Command {
  return new Command(name).configureOutput({
    outputError: (message, write) => write(message.replace(/^error: /, 'INVALID_ARGUMENT: ')),
  });
}

/** Adds the commands for any saga. @param catalogue the codes that `errors` explains. */
export function addSagaCommands(
  program: Command,
  session: Session,
  catalogue: readonly ErrorSection[],
): void {
  addLookCommands(program, session);
  addDrawCommands(program, session);
  addStatsCommand(program, session);
  addRunCommands(program, session);
  addDeskCommands(program, session);
  addUpdateCommand(program, session);
  addBulkCommand(program, session);
  addAuditCommand(program, session);
  addWatchCommand(program, session);
  addHistoryCommands(program, session);
  addConsoleCommand(program, session);
  addBundleCommand(program, session);
  addErrorsCommand(program, session, catalogue);
  addCompletionCommand(program);
}
