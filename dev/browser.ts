import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import which from 'which';
import { findExecutable } from './temporal-binary';
import type { Progress } from './supervisor';

const SETTING = 'UNWIND_BROWSER';
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** Where to look for a browser, and what reports the installation. */
export interface BrowserOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

/**
 * The path of a Chromium for the browser tests: what `UNWIND_BROWSER` names, else on the PATH, else Debian's package, where this
 * process may install it. Undefined when there is none: then only those tests fail, with a message.
 * @throws SetupError `INVALID_SETTING`
 */
export async function browser({ env, progress, signal }: BrowserOptions): Promise<string | undefined> {
  const find = () => NAMES.map((name) => findExecutable(name, SETTING, env)).find((path) => path);
  const found = find();
  if (found !== undefined || process.getuid?.() !== 0 || !which.sync('apt-get', { nothrow: true }))
    return found;
  progress('Installing Chromium for the browser tests (apt-get install chromium) …');
  const options = { env: { ...env, DEBIAN_FRONTEND: 'noninteractive' }, signal, maxBuffer: 1e8 };
  const aptGet = async (...args: string[]) => await promisify(execFile)('apt-get', args, options);
  try {
    await aptGet('update');
    await aptGet('install', '--yes', '--no-install-recommends', 'chromium');
  } catch (error) {
    signal.throwIfAborted();
    progress(`It could not be installed: ${(error as Error).message}`);
  }
  return find();
}
