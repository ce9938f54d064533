import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';
import { runSupervised, type Supervisor } from '../../dev/supervisor';
import { testServers } from '../../dev/test-servers';
import { partOf, shardFrom } from '../support/shard';
import type { Mutant } from './mutant';
import { mutants } from './mutants';
import { runTests } from './tests-of';

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
const SIMULATION =
  'test/simulation/explore test/simulation/replay test/simulation/barrier test/simulation/database';
const verdicts = { failed: 'killed  ', passed: 'SURVIVED', 'did not run': 'NOT RUN ' };
const CONFIGURATION = ['tsconfig.json', 'jest.config.js'];

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
 * With `--by-simulation` the simulated schedules must notice, instead of the tests that are written for it.
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
  const named = mutants.filter(({ rule }) => rules.length === 0 || rules.includes(rule));
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
      const tests = bySimulation ? SIMULATION : mutant.tests;
      const size = bySimulation ? { UNWIND_TEST_SIZE: 'full' } : {};
      const end = await runTests(copy, tests, { ...given, ...size, UNWIND_TEST_DIRECTORY: bundles });
      restore();
      process.stderr.write(`${verdicts[end]} ${mutant.rule} ${mutant.name} (${tests})\n`);
      if (end === 'failed') continue;
      survived.push(mutant.name);
      process.stderr.write(`  again: npm run test:mutants -- '${mutant.rule}'\n`);
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work));
  const killed = chosen.length - survived.length;
  process.stdout.write(`${JSON.stringify({ mutants: chosen.length, killed, survived })}\n`);
  return survived.length > 0 ? 1 : 0;
}
