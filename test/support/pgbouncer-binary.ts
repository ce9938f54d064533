import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheDirectory, privateDirectory } from '../../dev/home';
import { findExecutable } from '../../dev/temporal-binary';

/** @property env what it needs in its environment to find its libraries. */
export interface PgbouncerBinary {
  readonly path: string;
  readonly env: NodeJS.ProcessEnv;
}

/** In no PATH of an ordinary user, but where packages put it. */
const SYSTEM_DIRECTORY = '/usr/sbin';

/**
 * A pgbouncer: `UNWIND_PGBOUNCER`, else on the PATH, else where packages put it, else unpacked before, else on a Debian-like
 * machine unpacked from its package into the cache, as any user and without a change of the system.
 * @returns a text that says why there is none.
 * @throws SetupError `INVALID_SETTING`
 */
export function findPgbouncer(
  env = process.env,
  systemDirectory = SYSTEM_DIRECTORY,
): PgbouncerBinary | string {
  const path = [env.PATH, systemDirectory].join(':');
  const found = findExecutable('pgbouncer', 'UNWIND_PGBOUNCER', env, path);
  if (found !== undefined) return { path: found, env: {} };
  const unpacked = join(cacheDirectory(env), 'pgbouncer');
  try {
    if (!existsSync(unpacked)) unpackInto(unpacked, env);
    return trial(unpacked);
  } catch (error) {
    const { message, stderr } = error as Error & { stderr?: Buffer };
    return `no pgbouncer: not in UNWIND_PGBOUNCER, on the PATH or in ${systemDirectory}, and apt has none: ${stderr?.toString().trim() || message}`;
  }
}

function trial(unpacked: string): PgbouncerBinary {
  const found = readdirSync(unpacked, { recursive: true, encoding: 'utf8' });
  const libraries = found.filter((path) => path.endsWith('-linux-gnu')).map((path) => join(unpacked, path));
  const env = { LD_LIBRARY_PATH: libraries.join(':') };
  const path = join(unpacked, 'usr/sbin/pgbouncer');
  execFileSync(path, ['--version'], { env, stdio: 'pipe' });
  return { path, env };
}

/** With package lists of its own: a machine in a container mostly has none, and they are not ours to change. */
function unpackInto(unpacked: string, env: NodeJS.ProcessEnv): void {
  const directory = mkdtempSync(join(privateDirectory(join(unpacked, '..')), 'download-'));
  const own = [
    '-o',
    `Dir::State::lists=${join(directory, 'lists')}`,
    '-o',
    `Dir::Cache=${join(directory, 'cache')}`,
  ];
  const run = (command: string, ...args: string[]) =>
    execFileSync(command, args, { cwd: directory, env, encoding: 'utf8', stdio: 'pipe', timeout: 120_000 });
  try {
    for (const needed of ['lists/partial', 'cache/archives/partial', 'root']) {
      mkdirSync(join(directory, needed), { recursive: true });
    }
    run('apt-get', ...own, 'update');
    const libraries = run('apt-cache', ...own, 'depends', 'pgbouncer')
      .split('\n')
      .map((line) => /^ *Depends: (lib\S+)$/.exec(line)?.[1])
      // The C library and its loader belong together.
      .filter((name) => name !== undefined && name !== 'libc6') as string[];
    run('apt-get', ...own, 'download', 'pgbouncer', ...libraries);
    const root = join(directory, 'root');
    for (const file of readdirSync(directory).filter((name) => name.endsWith('.deb'))) {
      run('dpkg-deb', '-x', file, root);
    }
    trial(root);
    chmodSync(root, 0o755);
    renameSync(root, unpacked);
  } catch (error) {
    // Another process was quicker.
    if (!existsSync(unpacked)) throw error;
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
