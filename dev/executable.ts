import { accessSync, chmodSync, constants, existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { privateDirectory } from './home';
import { SetupError } from '../src/worker';

/** Says in a line what goes on. */
export type Progress = (line: string) => void;

/**
 * One way to come by an executable.
 * @property obtain gives its path; throws an error whose message is the reason why this way is closed.
 */
export interface Source {
  readonly name: string;
  readonly obtain: () => Promise<string> | string;
}

/**
 * The path of the first source that has the executable.
 * @throws SetupError `BINARY_UNAVAILABLE`, listing every source with its reason; what an abort throws, at once.
 */
export async function obtainExecutable(
  what: string,
  sources: readonly Source[],
  hint: string,
  signal: AbortSignal,
): Promise<string> {
  const reasons: string[] = [];
  for (const source of sources) {
    try {
      return await source.obtain();
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(`${source.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new SetupError('BINARY_UNAVAILABLE', `There is no ${what}.\n  - ${reasons.join('\n  - ')}`, hint);
}

/**
 * The executable that a setting names. A wrong path is an error: to look elsewhere would hide it.
 * @throws SetupError `INVALID_SETTING`
 */
export function executableFromSetting(name: string, path: string): string {
  if (isExecutable(path)) return path;
  throw new SetupError(
    'INVALID_SETTING',
    `${name} is no executable file: ${path}`,
    `Correct or unset ${name}.`,
  );
}

export function fromPath(name: string, path: string | undefined): Source {
  return {
    name: 'the PATH',
    obtain: () => {
      const directories = (path ?? '').split(delimiter).filter((directory) => directory !== '');
      const found = directories.map((directory) => join(directory, name)).find(isExecutable);
      if (found === undefined) throw new Error(`no "${name}" in it`);
      return found;
    },
  };
}

export function fromCache(cached: string): Source {
  return {
    name: 'the cache',
    obtain: () => {
      if (!isExecutable(cached)) throw new Error(`nothing at ${cached} yet`);
      return cached;
    },
  };
}

/**
 * Fetches into a directory of its own and moves the result into the cache in one step, so that neither a crash nor a
 * second process at the same time leaves half an executable there.
 * @param fetch puts the executable into the directory it is given, and returns its path.
 */
export async function installInto(
  cached: string,
  fetch: (directory: string) => Promise<string>,
): Promise<string> {
  const directory = mkdtempSync(join(privateDirectory(join(cached, '..')), 'download-'));
  try {
    const fetched = await fetch(directory);
    chmodSync(fetched, 0o755);
    renameSync(fetched, cached);
    return cached;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function isExecutable(path: string): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
