import { Command } from 'commander';
import type { SetupErrorCode } from '../dev/error-codes';

const INVALID_ARGUMENT: SetupErrorCode = 'INVALID_ARGUMENT';

/** A command line that says `INVALID_ARGUMENT: …` and exits with 1 when its arguments break a rule. */
export function rootCommand(name: string): Command {
  return new Command(name).configureOutput({
    outputError: (message, write) => write(message.replace(/^error: /, `${INVALID_ARGUMENT}: `)),
  });
}
