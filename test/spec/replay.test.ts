import { beforeAll, expect, test } from '@jest/globals';
import { failedSeeds, keepSeed } from './failed-seeds';
import { randomSeed, traces } from './quint';
import { replay } from './replay';
import { STEPS } from './rules';
import type { Trace } from './trace';

const SAMPLES = 80;
/** Its traces reach everything that the last test asks for. */
const COVERING = 1;

const given = process.env.UNWIND_SPEC_SEED;
const seeds = [...new Set([COVERING, ...(given ? [Number(given)] : [...failedSeeds(), randomSeed()])])];

let traced: Trace[][];
beforeAll(async () => {
  process.stderr.write(`UNWIND_SPEC_SEED=${seeds.at(-1)}\n`);
  traced = await traces(seeds.map((seed) => ({ module: 'main', seed, samples: SAMPLES, steps: STEPS })));
}, 300_000);

test.each(seeds)('the engine does what the model does: UNWIND_SPEC_SEED=%d', (seed) => {
  const all = traced[seeds.indexOf(seed)] ?? [];
  expect(all).toHaveLength(SAMPLES);
  try {
    for (const trace of all) replay(trace);
  } catch (error) {
    keepSeed(seed);
    throw error;
  }
});

test('the traces reach every action, every end, and what the order is about', () => {
  const steps = (traced[0] ?? []).flat();
  const actions = new Set(steps.map(({ action }) => action));
  expect([...actions].sort()).toEqual(ACTIONS);
  const phases = new Set(steps.map(({ state }) => state.s.phase));
  expect([...phases].sort()).toEqual(PHASES);
  expect(steps.some(({ state }) => state.view.due.length > 1)).toBe(true);
  expect(steps.some(({ state }) => state.s.faulted)).toBe(true);
});

const ACTIONS = [
  'act',
  'advances',
  'approachPivot',
  'beginIrreversible',
  'beginPivot',
  'beginRetriable',
  'beginStep',
  'bodyReturns',
  'bodyThrows',
  'compensated',
  'deskResolves',
  'deskRetries',
  'deskSkips',
  'init',
  'interrupted',
  'losesAnswer',
  'openSavePoint',
  'refuses',
  'savePointFails',
  'savePointPasses',
  'succeeds',
  'takeBack',
  'usesUpRound',
];

const PHASES = ['AtPivot', 'Cancelled', 'Committed', 'Compensated', 'Completed', 'Forward', 'Unwinding'];
