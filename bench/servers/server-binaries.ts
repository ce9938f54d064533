import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import which from 'which';
import { cacheDirectory } from '../../dev/home';
import type { Run } from '../../dev/supervisor';

/** The version of Temporal's server; the development server of the tests holds the same one. */
const SERVER_VERSION = '1.32.1';

/** The executables of Temporal's server, and of the tool that sets up its schema. */
export interface ServerBinaries {
  readonly server: string;
  readonly sqlTool: string;
}

/**
 * The server, built from its Go module; kept in the cache. Some two minutes the first time.
 * @returns nothing on a machine without Go.
 */
export async function serverBinaries({
  env,
  supervisor,
  progress,
}: Run): Promise<ServerBinaries | undefined> {
  const directory = join(cacheDirectory(env), `temporal-server-v${SERVER_VERSION}`);
  const binaries = { server: join(directory, 'server'), sqlTool: join(directory, 'sql') };
  if (existsSync(directory)) return binaries;
  const go = await which('go', { nothrow: true });
  if (!go) return undefined;
  progress(`Building Temporal's server ${SERVER_VERSION} from its Go module (about two minutes, once) …`);
  const unfinished = `${directory}.${process.pid}`;
  mkdirSync(unfinished, { recursive: true });
  supervisor.onStop('the unfinished build', () => rmSync(unfinished, { recursive: true, force: true }));
  const modules = ['cmd/server', 'cmd/tools/sql'].map(
    (path) => `go.temporal.io/server/${path}@v${SERVER_VERSION}`,
  );
  await promisify(execFile)(go, ['install', ...modules], {
    env: { ...env, GOBIN: unfinished },
    signal: supervisor.signal,
    maxBuffer: 2 ** 26,
  });
  renameSync(unfinished, directory);
  return binaries;
}
