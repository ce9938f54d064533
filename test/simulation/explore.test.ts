import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import { sagaUnderTest } from '../../src/testing';
import { explore } from '../../src/testing/explore';
import { shrink } from '../../src/testing/shrink';
import type { SimulatedWorkflows } from '../../src/testing/simulation/simulation';
import { sagas } from '../matrix/sagas';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import * as visitSteps from '../testing/visit';
import { loadWorkflows } from './simulated-program';

let workflows: SimulatedWorkflows;
let visits: SimulatedWorkflows;
beforeAll(async () => {
  workflows = await loadWorkflows(require.resolve('../matrix/matrix-workflow'));
  visits = await loadWorkflows(require.resolve('../testing/visit-workflow'));
});
afterAll(async () => {
  await workflows.close();
  await visits.close();
});

const seed = printedSeed('simulation/explore.test.ts');

describe('what is lost, late, refused or cancelled, in any order', () => {
  test.each(sagas.map((saga) => ({ saga, name: saga.definition.workflow })))(
    '$name keeps its promise',
    async ({ saga }) => {
      const schedules = sized(500, 60);
      const explored = await explore(workflows, saga, { seed, schedules, placements });
      expect(explored.broken).toBeUndefined();
      expect(explored.schedules).toBe(schedules);
      expect(Object.keys(explored.byOutcome)).toEqual(
        expect.arrayContaining(['completed', 'compensated', 'cancelled']),
      );
      process.stderr.write(`${JSON.stringify(explored.byOutcome)}\n`);
    },
    600_000,
  );
});

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
      expect(found?.story.at(-1)).toContain('WORKFLOW_EXECUTION_');
      // Once more from the start: the same schedule, and the same story.
      expect((await explore(visits, broken(workflow), options)).broken).toEqual(found);
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
