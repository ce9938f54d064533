import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { Worker } from '@temporalio/worker';
import { inThisThread, sandboxCallsOf } from '../../dev/sandbox-calls';
import { localServer } from '../support/temporal';
import { Harness } from './harness';
import { type Program, run, seq } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

/** How often a worker calls each function of the sandbox for a saga. */
async function callsFor(world: World, program: Program): Promise<Readonly<Record<string, number>>> {
  const { handle } = await harness.run(world, program);
  const history = await handle.fetchHistory();
  const calls: Record<string, number> = {};
  const replay = () => Worker.runReplayHistory({ workflowBundle: harness.bundle, ...inThisThread }, history);
  for (const called of await sandboxCallsOf(replay))
    if (called !== undefined) calls[called] = (calls[called] ?? 0) + 1;
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
