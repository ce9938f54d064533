import { existsSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { runInForeground } from './foreground';
import type { Supervisor } from './supervisor';
import { runSupervised } from './supervisor';
import { testServers } from './test-servers';

/** `npm test`: gets the servers that tests need, runs jest, and says in its last lines what failed and what came of it. */
void runSupervised((supervisor) => test(process.argv.slice(2), process.env, supervisor));

async function test(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  const lastLines: string[] = [];
  // Registered first, so done last, when nothing else has anything left to say.
  supervisor.onStop('the run', () => {
    for (const line of lastLines) process.stdout.write(`${line}\n`);
  });
  const given = await testServers(env, supervisor);
  const results = join(given.UNWIND_TEST_DIRECTORY, 'results.json');
  const code = await runInForeground(
    ['node_modules/jest/bin/jest.js', '--json', `--outputFile=${results}`, ...args],
    given,
    supervisor,
  );
  const jest = existsSync(results) ? (JSON.parse(readFileSync(results, 'utf8')) as JestResults) : NO_RESULTS;
  const { passed, failed } = count(jest, code);
  lastLines.push(...failures(jest), `${passed} passed, ${failed} failed`);
  return failed > 0 ? code || 1 : code;
}

/** What is read of jest's JSON. */
interface JestResults {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults: readonly {
    /** The file's path. */
    readonly name: string;
    readonly status: string;
    /** Why the file could not be run, among others. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly fullName: string;
      readonly status: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const NO_RESULTS: JestResults = {
  numPassedTests: 0,
  numFailedTests: 0,
  numRuntimeErrorTestSuites: 0,
  testResults: [],
};

/** A test file that could not be run counts as one failure, and so does a run that failed without naming any. */
function count(results: JestResults, code: number): { passed: number; failed: number } {
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return { passed: results.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed };
}

/** A line for each failed test: of a long log often only the end is kept. */
function failures({ testResults }: JestResults): string[] {
  return testResults.flatMap(({ name, status, message, assertionResults }) => {
    const failed = assertionResults.filter((test) => test.status === 'failed');
    const file = `failed: ${relative(process.cwd(), name)}`;
    if (status === 'failed' && failed.length === 0) return [`${file}: ${inOneLine(message)}`];
    return failed.map((test) => `${file}: ${test.fullName}: ${inOneLine(test.failureMessages[0])}`);
  });
}

function inOneLine(text = ''): string {
  return stripVTControlCharacters(text).trim().replaceAll(/\s+/g, ' ').slice(0, 300);
}
