import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../../dev/home';
import type { Mutant } from './mutant';
import { mutants } from './mutants';

/**
 * `npm run test:mutants`: breaks the code in one place at a time, in a copy of it, and runs the tests that must notice.
 * Arguments name rules: `npm run test:mutants -- S17`.
 * The last line is `{mutants, killed, survived}`; exits with 1 when one survived.
 */

/** How many copies are tested at once. */
const WORKERS = 2;
/** A mutant that hangs its tests is killed by its tests' own timeouts long before. */
const WITHIN_MS = 180_000;
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

/** Runs tests in a copy. @returns how many failed; undefined when they did not get to an end. */
function failuresOf(copy: string, tests: string): Promise<number | undefined> {
  const args = ['dev/bootstrap.mjs', 'test', tests, '--bail', '--forceExit', '--testTimeout=15000'];
  const run = spawn(process.execPath, args, { cwd: copy, stdio: ['ignore', 'pipe', 'ignore'] });
  const timer = setTimeout(() => run.kill('SIGTERM'), WITHIN_MS);
  let output = '';
  run.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve) => {
    run.once('close', () => {
      clearTimeout(timer);
      const count = /(\d+) passed, (\d+) failed\s*$/.exec(output)?.[2];
      resolve(count === undefined ? undefined : Number(count));
    });
  });
}

async function main(): Promise<void> {
  const rules = process.argv.slice(2).filter((argument) => !argument.startsWith('--'));
  const chosen = mutants.filter(({ rule }) => rules.length === 0 || rules.includes(rule));
  const waiting = [...chosen];
  const survived: string[] = [];
  async function work(): Promise<void> {
    const copy = copyProject();
    try {
      for (let mutant = waiting.shift(); mutant; mutant = waiting.shift()) {
        const restore = apply(copy, mutant);
        const failed = await failuresOf(copy, mutant.tests);
        restore();
        const killed = failed !== undefined && failed > 0;
        process.stderr.write(
          `${killed ? 'killed  ' : 'SURVIVED'} ${mutant.rule} ${mutant.name} (${mutant.tests})\n`,
        );
        if (!killed) survived.push(mutant.name);
      }
    } finally {
      rmSync(copy, { recursive: true });
    }
  }
  await Promise.all(Array.from({ length: WORKERS }, work));
  const killed = chosen.length - survived.length;
  process.stdout.write(`${JSON.stringify({ mutants: chosen.length, killed, survived })}\n`);
  process.exitCode = survived.length > 0 ? 1 : 0;
}

void main();
