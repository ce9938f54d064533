import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { testServers } from '../../dev/test-servers';
import { partOf, shardFrom } from '../support/shard';
import type { Mutant } from './mutant';
import { mutants } from './mutants';
import type { Found } from '../simulation/seek';
import { seekIn } from './seek-in';
import { runTests, type TestsEnd } from './tests-of';

/** How many copies are tested at once. Tests wait for their servers about a third of the time. */
const WORKERS = 3;
const COPIED = [
  'src',
  'services',
  'workflows',
  'activities',
  'workers',
  'cli',
  'dev',
  'test',
  'examples',
  'spec',
  'package.json',
  'package-lock.json',
];
const verdicts = { failed: 'killed  ', passed: 'SURVIVED', 'did not run': 'NOT RUN ' };
const CONFIGURATION = ['tsconfig.json', 'jest.config.js'];

/** What simulated schedules say of a mutant. */
function tell(found: Found | 'crashed'): { readonly end: TestsEnd; readonly by: string } {
  if (found === 'crashed') return { end: 'failed', by: 'the simulation cannot go on' };
  const { schedules, saga, broken } = found;
  if (!broken) return { end: 'passed', by: `${schedules} schedules` };
  const by = `${schedules} schedules of ${saga ?? ''}, the shortest with ${broken.choices.length} choices: ${broken.problems[0] ?? ''}`;
  return { end: 'failed', by };
}

function numberFrom(args: readonly string[], name: string, otherwise: number): number {
  const given = args.find((argument) => argument.startsWith(`--${name}=`));
  return given === undefined ? otherwise : Number(given.slice(name.length + 3));
}

function copyProject(): string {
  const copy = mkdtempSync(join(tmpdir(), 'unwind-mutant-'));
  for (const name of [...COPIED, ...CONFIGURATION]) {
    cpSync(join(projectRoot, name), join(copy, name), { recursive: true });
  }
  symlinkSync(join(projectRoot, 'node_modules'), join(copy, 'node_modules'));
  return copy;
}

/** @throws Error when the mutant does not fit the code any more: then it proves nothing. */
function apply(copy: string, { name, file, find, replace }: Mutant): () => void {
  const path = join(copy, file);
  const original = readFileSync(path, 'utf8');
  if (original.split(find).length !== 2) {
    throw new Error(`the mutant "${name}" must find its text exactly once in ${file}: ${find}`);
  }
  writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  return () => writeFileSync(path, original);
}

/**
 * `npm run test:mutants`: breaks the code in one place at a time, in a copy of it, and runs the tests that must notice.
 * Arguments name rules, or a part of the mutants: `npm run test:mutants -- S17`, `npm run test:mutants -- --shard=2/4`.
 * With `--by-simulation` simulated schedules must break a promise within a minute, or within `--seconds=N`, instead of the tests that
 * are written for it; `--findings` takes only those that were real incidents, `--seed=S` repeats an exploration.
 * The last line is `{mutants, killed, survived}`; exits with 1 when one survived.
 */
void runSupervised((supervisor) => main(process.argv.slice(2), process.env, supervisor));

async function main(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  supervisor: Supervisor,
): Promise<number> {
  const rules = args.filter((argument) => !argument.startsWith('--'));
  const bySimulation = args.includes('--by-simulation');
  const sought = { seconds: numberFrom(args, 'seconds', 60), seed: numberFrom(args, 'seed', 1) };
  const named = mutants.filter(
    ({ rule, finding }) =>
      (rules.length === 0 || rules.includes(rule)) && (finding !== undefined || !args.includes('--findings')),
  );
  const chosen = partOf(named, shardFrom(args));
  const waiting = [...chosen];
  const survived: string[] = [];
  const given = await testServers(env, supervisor);
  async function work(): Promise<void> {
    const copy = copyProject();
    supervisor.onStop('a copy', () => rmSync(copy, { recursive: true, force: true }));
    // Its own, since the bundles in it are of broken code.
    const bundles = join(copy, 'bundles');
    for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
      const restore = apply(copy, mutant);
      rmSync(bundles, { recursive: true, force: true });
      mkdirSync(bundles);
      const environment = { ...given, UNWIND_TEST_DIRECTORY: bundles };
      const { end, by } = bySimulation
        ? tell(await seekIn(copy, mutant, sought, environment))
        : { end: await runTests(copy, mutant.tests, environment), by: mutant.tests };
      restore();
      const finding = mutant.finding === undefined ? '' : `finding ${mutant.finding}, `;
      process.stderr.write(`${verdicts[end]} ${mutant.rule} ${finding}${mutant.name} (${by})\n`);
      if (end === 'failed') continue;
      survived.push(mutant.name);
      process.stderr.write(`  again: npm run test:mutants -- '${mutant.rule}'\n`);
    }
  }
  await Promise.all(Array.from({ length: bySimulation ? availableParallelism() : WORKERS }, work));
  const killed = chosen.length - survived.length;
  process.stdout.write(`${JSON.stringify({ mutants: chosen.length, killed, survived })}\n`);
  return survived.length > 0 ? 1 : 0;
}
