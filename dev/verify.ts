import { runInForeground } from './foreground';
import type { Supervisor } from './supervisor';
import { runSupervised } from './supervisor';

/** What must hold before a change is done, the quickest first. Paths are those of the executables' own scripts. */
const checks: readonly { readonly name: string; readonly args: readonly string[] }[] = [
  { name: 'format', args: ['node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'] },
  { name: 'lint', args: ['node_modules/oxlint/bin/oxlint', '--type-aware', '--deny-warnings'] },
  {
    name: 'boundaries',
    args: [
      'node_modules/dependency-cruiser/bin/dependency-cruise.mjs',
      ...['src', 'services', 'workflows', 'activities', 'workers', 'cli', 'dev', 'examples', 'test'],
    ],
  },
  { name: 'dead code', args: ['node_modules/knip/bin/knip.js'] },
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', '.'] },
];

/** The command that the README names, so that what it promises is what is verified. */
const tests = ['dev/bootstrap.mjs', 'test'];

/** `npm run verify`: every check in order, ending at the first that fails; its last line is that of `npm test`. */
void runSupervised((supervisor) => verify(supervisor));

async function verify(supervisor: Supervisor): Promise<number> {
  for (const { name, args } of checks) {
    process.stderr.write(`verify: ${name}\n`);
    const code = await runInForeground(args, process.env, supervisor);
    if (code === 0) continue;
    process.stderr.write(`verify: ${name} FAILED (exit code ${code}); what comes after it was not run\n`);
    return code;
  }
  process.stderr.write('verify: tests\n');
  return runInForeground(tests, process.env, supervisor);
}
