import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyPort } from './ports';
import { placePostgres } from './postgres-place';
import { startPostgres } from './postgres-server';
import type { Supervisor } from './supervisor';

/** A directory that the supervisor removes. Postgres may run as another user, who has to pass through. */
export function temporaryDirectory(supervisor: Supervisor): string {
  const directory = mkdtempSync(join(tmpdir(), 'unwind-test-'));
  supervisor.onStop('the test directory', () => rmSync(directory, { recursive: true, force: true }));
  chmodSync(directory, 0o711);
  return directory;
}

/** A Postgres for one run of tests, which the supervisor ends and removes. @returns the administrator's URL. */
export async function temporaryPostgres(home: string, supervisor: Supervisor): Promise<string> {
  const { directory } = placePostgres(home);
  // Not always in the home: see placePostgres.
  supervisor.onStop('the test cluster', () => rmSync(directory, { recursive: true, force: true }));
  const { url } = await startPostgres({
    home,
    port: await anyPort(),
    logFile: join(home, 'postgres.log'),
    durable: false,
    start: (spec) => supervisor.start(spec),
    signal: supervisor.signal,
  });
  return url;
}
