import vm from 'node:vm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { localServer } from '../support/temporal';
import { Harness } from './harness';
import { type Program, run, seq } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

/** An option of every worker, which the type of a replaying one leaves out: the sandbox is in this thread. */
const inThisThread = { debugMode: true };

/** How often a worker calls each function of the sandbox for a saga. */
async function callsFor(world: World, program: Program): Promise<Readonly<Record<string, number>>> {
  const { handle } = await harness.run(world, program);
  const history = await handle.fetchHistory();
  const calls: Record<string, number> = {};
  const { prototype } = vm.Script;
  const { runInContext } = prototype;
  prototype.runInContext = function (context, options) {
    const [, called] = (context['__temporal_args'] ?? []) as readonly string[];
    if (called !== undefined) calls[called] = (calls[called] ?? 0) + 1;
    return runInContext.call(this, context, options) as unknown;
  };
  try {
    await Worker.runReplayHistory({ workflowBundle: harness.bundle, ...inThisThread }, history);
  } finally {
    prototype.runInContext = runInContext;
  }
  return calls;
}

// Each call has a thread of its own that watches it, which takes longer than what the engine does in it.
test('S15 the SDK asks once more than it must: when the body returns', async () => {
  const calls = await callsFor(new World(), seq(run('a'), run('b'), run('c'), run('d')));
  expect(calls).toMatchObject({ activate: 5, tryUnblockConditions: 6 });
});

test('S3, S15 and when the body fails: one compensation follows another without being asked', async () => {
  const world = new World().script('do d', 'refuse');
  const calls = await callsFor(world, seq(run('a'), run('b'), run('c'), run('d')));
  expect(calls).toMatchObject({ activate: 8, tryUnblockConditions: 9 });
});
