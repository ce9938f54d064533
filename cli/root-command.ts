import { Command } from 'commander';

/** A command line that says `INVALID_ARGUMENT: …` and exits with 1 when its arguments break a rule. */
export function rootCommand(name: string): Command {
  return new Command(name).configureOutput({
    outputError: (message, write) => write(message.replace(/^error: /, 'INVALID_ARGUMENT: ')),
  });
}
