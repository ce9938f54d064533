import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { placements } from '../../src/saga';
import type { SimulatedWorkflows } from '../../src/testing/simulation/simulation';
import {
  ask,
  attempt,
  fail,
  nested,
  par,
  pivot,
  type Program,
  retriable,
  run,
  savePoint,
  seq,
} from '../saga/program';
import { answerBySignal, answerByUpdate } from '../saga/program-workflow';
import { type Behaviour, World } from '../saga/world';
import { type TestBundle, testBundle } from '../support/bundle';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import '../support/temporal';
import { loadWorkflows, type ProgramRun, SAGA_ID, simulate } from './simulated-program';

let bundle: TestBundle;
let workflows: SimulatedWorkflows;
beforeAll(async () => {
  bundle = await testBundle(require.resolve('../saga/program-workflow'));
  workflows = await loadWorkflows(require.resolve('../saga/program-workflow'));
});
afterAll(async () => await workflows.close());

const programs: readonly Program[] = [
  seq(par(run('a'), run('b')), run('c'), pivot('p'), retriable('r')),
  seq(run('a'), savePoint(par(run('b'), run('c')), run('d')), pivot('p')),
  seq(attempt(run('a')), par(seq(run('b'), run('c')), run('d')), fail('NO')),
  seq(run('a'), ask('x', { yes: par(run('b'), run('c')), no: fail('NO') }, fail('NO')), pivot('p')),
  seq(par(nested('n', seq(run('a'), run('b'))), run('c')), nested('m', run('d')), pivot('p')),
];
const behaviours: readonly Behaviour[] = ['refuse', 'transient', 'permanent', 'ok'];

const firstSeed = printedSeed('simulation/replay.test.ts');

/** A run of which the seed decides everything. */
function runOf(seed: number): { readonly run: ProgramRun; readonly world: World } {
  const nth = (count: number, of: number) => Math.floor(seed / of) % count;
  const world = new World()
    .script(`do ${'abcd'[nth(4, 1)] ?? 'a'}`, behaviours[nth(4, 3)] ?? 'ok')
    .script(`undo ${'abcd'[nth(4, 7)] ?? 'a'}`, nth(2, 11) === 0 ? 'transient' : 'ok');
  const run: ProgramRun = {
    program: programs[nth(programs.length, 5)] ?? fail('NO'),
    placement: placements[nth(placements.length, 2)] ?? 'participants',
    options: nth(3, 13) === 0 ? { deadline: '50ms' } : {},
    during: async (saga, _, { tasks }) => {
      await tasks(nth(4, 17));
      await [
        async () => await saga.cancel(),
        async () => await saga.signal(answerBySignal, 'x', 'yes'),
        async () => await saga.executeUpdate(answerByUpdate, { args: ['x', 'yes'] }),
        async () => await saga.signal(answerBySignal, 'x', 'no'),
      ]
        [nth(4, 19)]?.()
        .catch(() => undefined);
    },
  };
  return { run, world };
}

/** The seeds of which SDK core does not take the history for one of Temporal, or would not have made it. */
async function refusedByCore(seeds: number, runOf: (seed: number) => { run: ProgramRun; world: World }) {
  const refused: string[] = [];
  for (let seed = firstSeed; seed < firstSeed + seeds; seed++) {
    const { run, world } = runOf(seed);
    const { events, failures } = await simulate(workflows, world, run, { seed });
    refused.push(...failures.map((failure) => `${seed}: ${failure}`));
    await Worker.runReplayHistory({ workflowBundle: bundle }, { events: [...events] }, SAGA_ID).catch(
      (error: Error) => refused.push(`${seed}: ${error.message}`),
    );
  }
  return refused;
}

test('what a seed makes of a saga replays in the SDK: its own core takes the history for one of Temporal', async () => {
  expect(await refusedByCore(sized(300, 40), runOf)).toEqual([]);
}, 300_000);

test('S1 express: what became of two steps in one workflow task has one order, when it is replayed too', async () => {
  const ends: readonly Behaviour[] = ['permanent', 'put-off', 'ok'];
  const endsOf = (seed: number) => ({
    run: { program: seq(par(run('a'), run('b'), run('c')), pivot('p')), placement: 'express' } as const,
    world: new World()
      .script('do a', ends[seed % 3] ?? 'ok')
      .script('do b', ends[Math.floor(seed / 3) % 3] ?? 'ok')
      .script('do c', ends[Math.floor(seed / 9) % 3] ?? 'ok'),
  });
  expect(await refusedByCore(sized(108, 27), endsOf)).toEqual([]);
}, 300_000);
