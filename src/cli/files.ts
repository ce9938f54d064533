import { writeFileSync } from 'node:fs';
import { CommandError } from './command-error';

/**
 * Writes a file, or with the flag `a` adds to it.
 * @throws CommandError `FILE_NOT_WRITTEN`
 */
export function write(
  file: string,
  text: string,
  { flag = 'w', hint = 'Name another file.' }: { readonly flag?: 'a' | 'w'; readonly hint?: string } = {},
): void {
  try {
    writeFileSync(file, text, { flag });
  } catch (cause) {
    const message = `${file} cannot be written: ${(cause as Error).message}`;
    throw new CommandError('FILE_NOT_WRITTEN', message, hint, { cause });
  }
}
