import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInForeground } from './foreground';
import type { Supervisor } from './supervisor';
import { runSupervised } from './supervisor';
import { testServers } from './test-servers';

/** `npm test`: gets the servers that tests need, runs jest, and says in its last line what came of it. */
void runSupervised((supervisor) => test(process.argv.slice(2), process.env, supervisor));

async function test(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  let lastLine: string | undefined;
  // Registered first, so done last, when nothing else has anything left to say.
  supervisor.onStop('the run', () => void (lastLine && process.stdout.write(`${lastLine}\n`)));
  const given = await testServers(env, supervisor);
  const results = join(given.UNWIND_TEST_DIRECTORY, 'results.json');
  const code = await runInForeground(
    ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${results}`, ...args],
    given,
    supervisor,
  );
  const { passed, failed } = count(results, code);
  lastLine = `${passed} passed, ${failed} failed`;
  return failed > 0 ? code || 1 : code;
}

interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
}

/** A test file that could not be run counts as one failure, and so does a run that failed without naming any. */
function count(file: string, code: number): { passed: number; failed: number } {
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites } = existsSync(file)
    ? (JSON.parse(readFileSync(file, 'utf8')) as JestResults)
    : { numPassedTests: 0, numFailedTests: 0, numRuntimeErrorTestSuites: 0 };
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}
