import { browser } from './browser';
import type { Supervisor } from './supervisor';
import { temporalCli, testServer } from './temporal-binary';
import { temporaryDirectory, temporaryPostgres } from './temporary-postgres';

/**
 * Gets the servers that tests need, which the supervisor ends. What the environment names already is used as it is.
 * @returns the environment for the tests: `DATABASE_URL` is an administrator's, `UNWIND_TEST_DIRECTORY` is removed at the end.
 * @throws SetupError
 */
export async function testServers(env: NodeJS.ProcessEnv, supervisor: Supervisor) {
  const { signal } = supervisor;
  const progress = (line: string) => process.stderr.write(`${line}\n`);
  const directory = temporaryDirectory(supervisor);
  const [cli, server, database, chromium] = await Promise.all([
    temporalCli({ env, progress, signal }),
    testServer({ env, progress, signal }),
    env.DATABASE_URL || temporaryPostgres(directory, supervisor),
    browser({ env, progress, signal }),
  ]);
  return {
    ...env,
    DATABASE_URL: database,
    ...(chromium && { UNWIND_BROWSER: chromium }),
    UNWIND_TEMPORAL_CLI: cli,
    UNWIND_TEST_DIRECTORY: directory,
    UNWIND_TEST_SERVER: server,
  };
}
