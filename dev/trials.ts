import { runInForeground } from './foreground';
import type { Supervisor } from './supervisor';

/** A command of package.json that tries the system out, and what its last line says came of it. */
export interface Trial {
  /** As a person repeats it. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
  readonly count: (lastLine: string) => Counts;
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
}

/** On how many days in a row `npm run verify` must run to try all mutants, and the whole matrix on servers. */
const DAYS = { mutants: 6, matrix: 5 };

/** What `npm run verify` runs after its checks. */
export function trials(now = Date.now()): readonly Trial[] {
  const day = Math.floor(now / 86_400_000);
  const shard = `--shard=${(day % DAYS.mutants) + 1}/${DAYS.mutants}`;
  const onServers = ['--on-servers', `--shard=${(day % DAYS.matrix) + 1}/${DAYS.matrix}`];
  const pairs = ['--pairs', '300', '--seed', String(day)];
  return [
    {
      command: 'UNWIND_TEST_SIZE=full npm test',
      args: ['test'],
      env: { UNWIND_TEST_SIZE: 'full' },
      count: countTests,
    },
    // The explorer is among the tests.
    ...[pairs, onServers].map((options) => ({
      command: `npm run test:matrix -- --no-explorer ${options.join(' ')}`,
      args: ['matrix', '--no-explorer', ...options],
      count: countCases,
    })),
    {
      command: 'npm run bench -- --check',
      args: ['bench', '--check'],
      count: countTests,
    },
    {
      command: `npm run test:mutants -- ${shard}`,
      args: ['mutants', shard],
      count(line) {
        const { killed, survived } = JSON.parse(line) as MutantsSummary;
        return { passed: killed, failed: survived.length };
      },
    },
  ];
}

function countTests(line: string): Counts {
  const [, passed, failed] = /^(\d+) passed, (\d+) failed$/.exec(line) ?? [];
  return { passed: Number(passed), failed: Number(failed) };
}

function countCases(line: string): Counts {
  const { cases, violations, notFired } = JSON.parse(line) as MatrixSummary;
  const failed = new Set([...violations.map((violation) => violation.case), ...notFired]).size;
  return { passed: cases - failed, failed };
}

interface MatrixSummary {
  readonly cases: number;
  readonly violations: readonly { readonly case: string }[];
  readonly notFired: readonly string[];
}

interface MutantsSummary {
  readonly killed: number;
  readonly survived: readonly string[];
}

/** Runs a trial to its end. One that fails without saying what is one failure. */
export async function tryOut({ args, env, count }: Trial, supervisor: Supervisor): Promise<Counts> {
  let output = '';
  const code = await runInForeground(
    ['dev/bootstrap.mjs', ...args],
    { ...process.env, ...env },
    supervisor,
    (text) => (output += text),
  );
  const counts = countedIn(output, count);
  return code !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}

function countedIn(output: string, count: Trial['count']): Counts {
  try {
    const { passed, failed } = count(output.trimEnd().split('\n').at(-1) ?? '');
    if (passed + failed > 0) return { passed, failed };
  } catch {
    // It ended before its last line.
  }
  return { passed: 0, failed: 1 };
}
