import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import { explore, replay, SagaTestKit, sagaUnderTest } from '../../src/testing';
import { exploreWith } from '../../src/testing/explore';
import { InMemoryBackend } from '../../src/testing/in-memory-backend';
import type { MakeBackend } from '../../src/testing/troubled-participants';
import { shrink } from '../../src/testing/shrink';
import { sagas } from '../matrix/sagas';
import { brokenSchedules } from './broken-schedules';
import { exploredSagas, exploredWorkflow, sagasBrokenOnce } from './sagas';
import { printedSeed } from '../support/seed';
import * as visitSteps from '../testing/visit';

let kit: SagaTestKit;
let visits: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: exploredWorkflow, sagas });
  const workflowsPath = require.resolve('../testing/visit-workflow');
  visits = await SagaTestKit.start({ workflowsPath, sagas: [] });
});
afterAll(async () => {
  await kit.stop();
  await visits.stop();
});

const seed = printedSeed('simulation/explore.test.ts');

describe('what is lost, late, refused or cancelled, in any order', () => {
  test.each([...exploredSagas])(
    '%s keeps its promise',
    async (_, saga) => {
      const schedules = 100;
      const explored = await explore(kit, saga, { seed, schedules, placements });
      expect(explored.broken).toBeUndefined();
      expect(explored.schedules).toBe(schedules);
      expect(Object.keys(explored.byOutcome)).toEqual(expect.arrayContaining(['completed', 'compensated']));
      process.stderr.write(`${JSON.stringify(explored.byOutcome)}\n`);
    },
    600_000,
  );
});

test('no schedule that has ever broken a promise breaks one', async () => {
  for (const { saga: name, ...schedule } of brokenSchedules()) {
    const saga = sagasBrokenOnce.get(name);
    if (!saga) throw new Error(`there is no ${name}`);
    expect({ name, problems: await replay(kit, saga, schedule) }).toEqual({
      name,
      problems: [],
    });
  }
});

test('a schedule without an end is reported like one that breaks the promise, and leaves nothing to the next', async () => {
  const [order] = sagas;
  if (!order) throw new Error('the matrix has no saga');
  const endless: MakeBackend = (saga, simulation) => {
    const again = () => void simulation.later(0, again);
    again();
    return new InMemoryBackend(saga);
  };
  const { schedules, broken } = await exploreWith(endless, kit, order, { schedules: 3 });
  expect({ schedules, problems: broken?.problems }).toEqual({
    schedules: 1,
    problems: [expect.stringMatching(/things have happened .* is not done/)],
  });
  expect((await explore(kit, order, { schedules: 3 })).broken).toBeUndefined();
}, 600_000);

describe('a saga that goes past the engine', () => {
  const broken = (workflow: string) => {
    const answer = ({ visit }: visitSteps.Visit): visitSteps.Done => ({ done: visit });
    return sagaUnderTest({
      definition: visitSteps.visiting(workflow),
      steps: visitSteps,
      answers: { look: answer, book: answer, rent: answer, borrow: answer, pay: answer, thank: answer },
      input: (visit) => ({ visit }),
    });
  };

  test.each(['forgetful', 'hasty', 'careless'])(
    '%s breaks its promise, and the schedule that shows it is uneventful',
    async (workflow) => {
      const options = { seed: 1, schedules: 10 };
      const { broken: found } = await explore(visits, broken(workflow), options);
      expect(found?.problems).toContain('the report knows nothing of do book');
      expect(found?.choices.filter((choice) => choice !== 0)).toEqual([]);
      expect(found?.story[0]).toContain('WORKFLOW_EXECUTION_STARTED');
      expect(found?.story.at(-1)).toContain('ledger: do ');
      // Once more from the start: the same schedule, and the same story.
      expect((await explore(visits, broken(workflow), options)).broken).toEqual(found);
      if (found) expect(await replay(visits, broken(workflow), found)).toEqual(found.problems);
    },
  );
});

test('what shows a failure is cut down to the choices that it takes', async () => {
  const failing = Array.from({ length: 200 }, (_, index) => index % 7);
  // Needs a 3 somewhere before a 5.
  const fails = async (choices: readonly number[]) =>
    await Promise.resolve(choices.includes(3) && choices.slice(choices.indexOf(3)).includes(5));
  expect(await shrink(failing, fails)).toEqual([3, 5]);
});
