import { spawn } from 'node:child_process';

/** A mutant that hangs its tests is killed by its tests' own timeouts long before. */
const WITHIN_MS = 180_000;
/** What `first-failure.cjs` ends jest with. */
const A_TEST_FAILED = 3;

/** `did not run`: no test was found, or none got to its end, which proves nothing. */
export type TestsEnd = 'failed' | 'passed' | 'did not run';

/**
 * Runs tests in a copy of the project, until the first that fails.
 * @param tests arguments of jest, separated by spaces.
 */
export async function runTests(copy: string, tests: string, env: NodeJS.ProcessEnv): Promise<TestsEnd> {
  const args = ['--runInBand', '--forceExit', '--testTimeout=15000', ...tests.split(' ')];
  const jest = spawn(
    process.execPath,
    ['node_modules/jest/bin/jest.js', '--reporters=<rootDir>/test/mutants/first-failure.cjs', ...args],
    { cwd: copy, env, stdio: 'ignore', detached: true },
  );
  const endGroup = () => {
    try {
      if (jest.pid !== undefined) process.kill(-jest.pid, 'SIGKILL');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  };
  const timer = setTimeout(endGroup, WITHIN_MS);
  process.once('exit', endGroup);
  const code = await new Promise<unknown>((resolve) => jest.once('exit', resolve).once('error', resolve));
  clearTimeout(timer);
  process.off('exit', endGroup);
  // The servers that its tests have started.
  endGroup();
  if (code === A_TEST_FAILED) return 'failed';
  return code === 0 ? 'passed' : 'did not run';
}
