import { runInForeground } from './foreground';
import type { Supervisor } from './supervisor';
import { runSupervised } from './supervisor';
import { trials, tryOut } from './trials';

/** What must hold before a change is done, the quickest first. Paths are those of the executables' own scripts. */
const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'] },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'boundaries',
    args: [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['src', 'services', 'workflows', 'activities', 'workers', 'cli', 'dev', 'examples', 'bench', 'test'],
    ],
  },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
  {
    name: 'types of the page',
    args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'src/console/ui'],
  },
];

/**
 * `npm run verify`: every check in order, then the tests at full size, the fault matrix and a part of the mutants, ending at
 * the first that fails. The last line counts what the last three have tried.
 */
void runSupervised((supervisor) => verify(supervisor));

async function verify(supervisor: Supervisor): Promise<number> {
  for (const { name, args } of checks) {
    process.stderr.write(`verify: ${name}\n`);
    const code = await runInForeground(args, process.env, supervisor);
    if (code === 0) continue;
    process.stderr.write(`verify: ${name} FAILED (exit code ${code}); what comes after it was not run\n`);
    return code;
  }
  const sum = { passed: 0, failed: 0 };
  for (const trial of trials()) {
    process.stderr.write(`verify: ${trial.command}\n`);
    const begun = Date.now();
    const { passed, failed } = await tryOut(trial, supervisor);
    sum.passed += passed;
    sum.failed += failed;
    const took = `${Math.round((Date.now() - begun) / 1000)} s`;
    process.stderr.write(`verify: ${passed} passed, ${failed} failed in ${took}\n`);
    if (failed === 0) continue;
    process.stderr.write(`verify: FAILED; to run the same again: ${trial.command}\n`);
    break;
  }
  process.stdout.write(`${sum.passed} passed, ${sum.failed} failed\n`);
  return sum.failed > 0 ? 1 : 0;
}
