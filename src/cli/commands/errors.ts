import { type Command, InvalidArgumentError } from 'commander';
import { type ErrorEntry, type ErrorSection, retriedByText } from '../../errors';
import type { Session } from '../session';

/** Adds `errors` to the command line: explains a code of a catalogue. Needs no server. */
export function addErrorsCommand(
  program: Command,
  session: Session,
  catalogue: readonly ErrorSection[],
): void {
  const entries = new Map(catalogue.flatMap((section) => Object.entries(section.entries)));
  program
    .command('errors')
    .description('explain an error code and what to do; without a code, explain all')
    .argument('[code]', 'such as KEY_CONFLICT', (code: string) => {
      if (entries.has(code)) return code;
      throw new InvalidArgumentError('unknown code');
    })
    .action((code: string | undefined) => {
      const chosen = code === undefined ? [...entries] : [...entries].filter(([each]) => each === code);
      const values = chosen.map(([each, entry]) => ({ code: each, ...entry }));
      session.print(code === undefined ? values : values[0], chosen.map(text).join('\n\n'));
    });
}

function text([code, { from, meaning, retriedBy, remedy }]: [string, ErrorEntry]): string {
  return `${code}, from: ${from}\n  ${meaning}\n  Retried: ${retriedByText[retriedBy]}\n  What to do: ${remedy}`;
}
