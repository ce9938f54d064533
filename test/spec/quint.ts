import { execFile } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { readTrace, type Trace } from './trace';

const model = join(__dirname, '../../spec/main.qnt');

export interface Samples {
  /** The module of spec/main.qnt: `main`, or one of its twins. */
  readonly module: string;
  readonly seed: number;
  /** How many runs of the model at most. */
  readonly samples: number;
  /** Of each run, at most. */
  readonly steps: number;
}

export interface Check extends Samples {
  /** As spec/promise.qnt names them. */
  readonly invariants: readonly string[];
}

export interface Checked {
  /** For each check whether one of its invariants did not hold in some state. */
  readonly refuted: readonly boolean[];
  /** What quint prints. It names the invariants that do not hold. */
  readonly output: string;
}

/** Runs the model at random, each check until an invariant does not hold. @throws Error when it cannot be run. */
export async function check(checks: readonly Check[]): Promise<Checked> {
  const { ends, output } = await quint(
    checks.map(({ invariants, ...of }) => ({
      ...argumentsOf(of),
      ...{ verbosity: 1, nTraces: 1, invariants: invariants.map((each) => `${each}(s)`) },
    })),
  );
  return { refuted: ends.map((end) => end === 'violation'), output };
}

/** @returns for each a trace of every run of the model. */
export async function traces(of: readonly Samples[]): Promise<Trace[][]> {
  const directory = mkdtempSync(join(tmpdir(), 'unwind-spec-'));
  try {
    await quint(
      of.map((each, index) => ({
        ...argumentsOf(each),
        ...{
          verbosity: 0,
          mbt: true,
          nTraces: each.samples,
          outItf: join(directory, `${index}_{seq}.itf.json`),
        },
      })),
    );
    const files = readdirSync(directory);
    return of.map((_, index) =>
      files
        .filter((file) => file.startsWith(`${index}_`))
        .map((file) => readTrace(readFileSync(join(directory, file), 'utf8'))),
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function argumentsOf({ module, seed, samples, steps }: Samples) {
  return { main: module, seed, maxSamples: samples, maxSteps: steps };
}

/** Seeds that are close to each other give the same runs: quint counts up from the seed. */
export function randomSeed(): number {
  return randomInt(2 ** 47);
}

async function quint(runs: readonly object[]): Promise<{ ends: readonly string[]; output: string }> {
  const script = join(__dirname, 'quint-process.mjs');
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    [script, model, JSON.stringify(runs)],
    {
      maxBuffer: 2 ** 26,
    },
  );
  const output = stdout + stderr;
  const ends = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as string[];
  if (ends.length !== runs.length || ends.includes('error'))
    throw new Error(`quint could not run it:\n${output}`);
  return { ends, output };
}
