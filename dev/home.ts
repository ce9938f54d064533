import { mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

type Env = NodeJS.ProcessEnv;

/** The directory of the project's package.json; the tooling runs from its sources. */
export const projectRoot = join(__dirname, '..');

/** Where the state of this installation lives: `UNWIND_HOME`, else `.unwind` in the project. */
export function homeDirectory(env: Env): string {
  return resolve(env.UNWIND_HOME || join(projectRoot, '.unwind'));
}

/** Where downloaded executables live, shared between clones: `UNWIND_CACHE`, else the user's cache directory. */
export function cacheDirectory(env: Env): string {
  return resolve(env.UNWIND_CACHE || join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'unwind'));
}

/** Creates a directory that only this user reads. */
export function privateDirectory(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}
