import { renameSync, rmSync, writeFileSync } from 'node:fs';
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
    throw notWritten(file, hint, cause);
  }
}

/**
 * Writes a file that others may read at any time: they see the old content or the new one, and never a part.
 * @throws CommandError `FILE_NOT_WRITTEN`
 */
export function replace(file: string, text: string): void {
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, text, { flag: 'wx' });
    renameSync(unfinished, file);
  } catch (cause) {
    rmSync(unfinished, { force: true });
    throw notWritten(file, 'Name another file.', cause);
  }
}

function notWritten(file: string, hint: string, cause: unknown): CommandError {
  const message = `${file} cannot be written: ${(cause as Error).message}`;
  return new CommandError('FILE_NOT_WRITTEN', message, hint, { cause });
}
