import { createInterface } from 'node:readline/promises';
import { CommandError } from './command-error';

/**
 * Asks before what cannot be undone.
 * @param yes whether `--yes` was given: then nobody is asked.
 * @returns whether to go on.
 * @throws CommandError `CONFIRMATION_NEEDED` when nobody can be asked.
 */
export async function confirm(question: string, yes: boolean): Promise<boolean> {
  if (yes) return true;
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw new CommandError(
      'CONFIRMATION_NEEDED',
      `${question}: this cannot be undone.`,
      'Repeat it with --yes.',
    );
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await prompt.question(`${question}? This cannot be undone. [y/N] `)).trim());
  } finally {
    prompt.close();
  }
}
