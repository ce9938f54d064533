import { Command } from 'commander';

/** A command line that prints `INVALID_ARGUMENT: …` and exits with 1 for invalid arguments. */
export function rootCommand(name: string): Command {
  return new Command(name).configureOutput({
    outputError: (message, write) => write(message.replace(/^error: /, 'INVALID_ARGUMENT: ')),
  });
}
