import { type Command, InvalidArgumentError } from 'commander';
import { retriedByText } from '../src/errors';
import { catalogue, findError } from './error-catalogue/catalogue';
import type { Session } from './session';

/** Adds `errors` to the command line: explains a code. Needs no server. */
export function addErrorsCommand(program: Command, session: Session): void {
  program
    .command('errors')
    .description('explain an error code and what to do; without a code, explain all')
    .argument('[code]', 'such as KEY_CONFLICT', known)
    .action((code: string | undefined) => {
      const codes = code === undefined ? allCodes() : [code];
      const entries = codes.map((each) => ({ code: each, ...findError(each) }));
      session.print(code === undefined ? entries : entries[0], codes.map(text).join('\n\n'));
    });
}

const allCodes = () => catalogue.flatMap(({ entries }) => Object.keys(entries));

function text(code: string): string {
  const entry = findError(code);
  if (!entry) return code;
  const { from, meaning, retriedBy, remedy } = entry;
  return `${code}, from: ${from}\n  ${meaning}\n  Retried: ${retriedByText[retriedBy]}\n  What to do: ${remedy}`;
}

function known(code: string): string {
  if (findError(code)) return code;
  throw new InvalidArgumentError('unknown code');
}
