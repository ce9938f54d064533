import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

type Env = NodeJS.ProcessEnv;

/** The directory of package.json of the project: that of this folder names what only the tooling needs. */
export const projectRoot: string = findProjectRoot(dirname(__dirname));

function findProjectRoot(from: string): string {
  if (existsSync(join(from, 'package.json'))) return from;
  const parent = dirname(from);
  if (parent === from) throw new Error(`No package.json in any directory above ${__dirname}`);
  return findProjectRoot(parent);
}

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
