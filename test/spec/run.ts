import { keepSeed } from './failed-seeds';
import { check, randomSeed, traces } from './quint';
import { replay } from './replay';
import { checks, STEPS, twins } from './rules';

/**
 * `npm run spec -- [SAMPLES]`: checks that many samples of the model (default 5,000) and that each twin is refuted, and
 * replays a fifth as many traces on the engine. The seed is random, or UNWIND_SPEC_SEED. The last line is
 * `{seed, samples, violated, twins, notRefuted, traces, states, disagreements}`; exits with 1 when model or engine fails.
 */
async function main([given]: readonly string[]): Promise<void> {
  const samples = Number(given ?? 5_000);
  if (!Number.isSafeInteger(samples) || samples < 5)
    throw new Error(`SAMPLES must be 5 or more, got ${given}`);
  const seed = Number(process.env.UNWIND_SPEC_SEED ?? randomSeed());
  process.stderr.write(`UNWIND_SPEC_SEED=${seed}\n`);

  const { refuted, output } = await check(checks(seed, samples));
  process.stderr.write(output);
  const notRefuted = twins.filter((_, index) => !refuted[1 + index]);

  const [replayed = []] = await traces([
    { module: 'main', seed, samples: Math.floor(samples / 5), steps: STEPS },
  ]);
  const disagreements = replayed.flatMap((trace) => {
    try {
      replay(trace);
      return [];
    } catch (error) {
      return [(error as Error).message];
    }
  });
  const [first] = disagreements;
  if (first !== undefined) {
    keepSeed(seed);
    process.stderr.write(`${first}\n`);
  }

  const summary = {
    ...{ seed, samples, violated: refuted[0], twins: new Set(twins.map(([twin]) => twin)).size, notRefuted },
    traces: replayed.length,
    states: replayed.reduce((sum, trace) => sum + trace.length, 0),
    disagreements: disagreements.length,
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
  if (summary.violated || notRefuted.length > 0 || first !== undefined) process.exitCode = 1;
}

void main(process.argv.slice(2));
