import { afterEach, describe, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import { explore, replay, SagaTestKit } from '../../src/testing';
import { RATES, runSchedule } from '../../src/testing/schedule';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { timeSkippingServer } from '../support/temporal';
import { handOver, limitWorkflows, loop, spread, using } from './limit-sagas';
import { carrying } from './limit-steps';

const seed = printedSeed('simulation/limits.test.ts');

let kit: SagaTestKit | undefined;
afterEach(async () => {
  await kit?.stop();
  kit = undefined;
});

async function explored({ saga, limits, placements: where }: typeof loop) {
  kit = await SagaTestKit.start({ workflowsPath: limitWorkflows, sagas: [saga], limits });
  const found = await explore(kit, saga, { seed, schedules: sized(60, 30), placements: where });
  process.stderr.write(`${JSON.stringify(found.byOutcome)}\n`);
  return found;
}

describe('S14, S18 a saga keeps its promise at the limits of a server', () => {
  test('room for the unwinding: the history is not full before all is undone', async () => {
    const { broken, byOutcome } = await explored(loop);
    expect(broken).toBeUndefined();
    expect(byOutcome.completed).toBeUndefined();
  }, 600_000);

  test('express: a repeated workflow task finds as much room as the lost one, whose steps have happened', async () => {
    kit = await SagaTestKit.start({ workflowsPath: limitWorkflows, sagas: [loop.saga], limits: loop.limits });
    // The loop's first step is stuck, the task of its next round is lost, and an operator abandons the saga meanwhile.
    const uneventful = (count: number) => Array<number>(count).fill(0);
    const choices = [
      ...[9, 0, 0, 0, 0, 4, ...uneventful(17), 3, 0, 0, 1, 6],
      ...[...uneventful(58), 39, 0, 0, 0, 6],
    ];
    expect(await replay(kit, loop.saga, { placement: 'express', choices })).toEqual([]);
  });

  test('many steps at once: no more are pending than a server allows', async () => {
    const { broken } = await explored(spread);
    expect(broken).toBeUndefined();
  }, 600_000);

  test('a nested saga whose steps carry more than a server takes ends, and can be reversed', async () => {
    const { saga } = handOver;
    kit = await SagaTestKit.start({ workflowsPath: limitWorkflows, sagas: [saga] });
    const refusable = ['do carry.take#2', 'do take', 'do seal'] as const;
    const outcomes = new Set<string>();
    for (let index = 0; index < sized(27, 15); index++) {
      const placement = placements[index % placements.length] ?? 'participants';
      const schedule = { seed: seed + index, placement, faults: RATES, refusable, actions: [] };
      const { problems, outcome, story } = await runSchedule(kit, saga, schedule);
      // One that was reset gets no more than 1 MB of what its earlier runs did, and is stuck with more.
      if (story.some((line) => line.includes('a reset by a test'))) continue;
      expect({ ...schedule, problems }).toEqual({ ...schedule, problems: [] });
      outcomes.add(outcome);
    }
    expect(outcomes.size).toBeGreaterThan(1);
  }, 600_000);
});

test('limits are refused together with a server', async () => {
  const env = await timeSkippingServer();
  try {
    const saga = using(carrying, { steps: 1, bytes: 0 });
    const starting = SagaTestKit.start({
      env,
      workflowsPath: limitWorkflows,
      sagas: [saga],
      limits: { historyEvents: 10 },
    });
    await expect(starting).rejects.toThrow(/leave out env/);
  } finally {
    await env.teardown();
  }
});
