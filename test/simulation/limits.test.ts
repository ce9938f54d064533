import { afterEach, describe, expect, test } from '@jest/globals';
import { type Placement, placements, type SagaDefinition } from '../../src/saga';
import { explore, SagaTestKit, sagaUnderTest, type TemporalLimits } from '../../src/testing';
import { RATES, runSchedule } from '../../src/testing/schedule';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import { timeSkippingServer } from '../support/temporal';
import { carrying, handing, looping, MAX_HISTORY_EVENTS, spreading, type Use } from './limit-steps';
import * as steps from './limit-steps';

const workflowsPath = require.resolve('./limit-sagas-workflow');
const seed = printedSeed('simulation/limits.test.ts');

let kit: SagaTestKit | undefined;
afterEach(async () => {
  await kit?.stop();
  kit = undefined;
});

const using = (definition: SagaDefinition<Use, number>, use: Omit<Use, 'id'>) => {
  const answer = ({ filler }: steps.Item): steps.Taken => ({ taken: filler.length });
  return sagaUnderTest({
    definition,
    steps,
    answers: { take: answer, seal: answer, tell: answer },
    input: (id) => ({ id, ...use }),
  });
};

async function explored(
  saga: ReturnType<typeof using>,
  limits: Partial<TemporalLimits>,
  schedules: number,
  where: readonly Placement[] = placements,
) {
  kit = await SagaTestKit.start({ workflowsPath, sagas: [saga], limits });
  const found = await explore(kit, saga, { seed, schedules, placements: where });
  process.stderr.write(`${JSON.stringify(found.byOutcome)}\n`);
  return found;
}

describe('S14, S18 a saga keeps its promise at the limits of a server', () => {
  test('room for the unwinding: the history is not full before all is undone', async () => {
    // More to undo than another run can be given, if the loop does not end in time.
    const saga = using(looping, { steps: 200, bytes: 16_000 });
    const { broken, byOutcome } = await explored(
      saga,
      { historyEvents: MAX_HISTORY_EVENTS + 30 },
      sized(300, 30),
    );
    expect(broken).toBeUndefined();
    expect(byOutcome.completed).toBeUndefined();
  }, 600_000);

  test('many steps at once: no more are pending than a server allows', async () => {
    const saga = using(spreading, { steps: 60, bytes: 0 });
    // Beside 45 operations of the saga, a question about its earlier runs.
    const limits = { pendingActivities: 50 };
    // Express steps are local activities, which a server does not count.
    const { broken } = await explored(saga, limits, sized(300, 30), ['participants', 'saga-queue']);
    expect(broken).toBeUndefined();
  }, 600_000);

  test('a nested saga whose steps carry more than a server takes ends, and can be reversed', async () => {
    const saga = using(handing, { steps: 3, bytes: 800_000 });
    kit = await SagaTestKit.start({ workflowsPath, sagas: [saga] });
    const refusable = ['do carry.take#2', 'do take', 'do seal'] as const;
    const outcomes = new Set<string>();
    for (let index = 0; index < sized(150, 15); index++) {
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
    const starting = SagaTestKit.start({ env, workflowsPath, sagas: [saga], limits: { historyEvents: 10 } });
    await expect(starting).rejects.toThrow(/leave out env/);
  } finally {
    await env.teardown();
  }
});
