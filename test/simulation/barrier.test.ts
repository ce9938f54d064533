import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import { explore, replay, SagaTestKit, sagaUnderTest } from '../../src/testing';
import { barrierBackend } from '../../src/testing/barrier-backend';
import { exploreWith } from '../../src/testing/explore';
import { sagas } from '../matrix/sagas';
import { printedSeed } from '../support/seed';
import { sized } from '../support/size';
import * as visitSteps from '../testing/visit';
import { brokenBarriers, recordingErrors } from './broken-barriers';

/** Sagas whose participants are behind the real barrier, on a simulated database. */
let kit: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: require.resolve('../matrix/matrix-workflow'), sagas });
});
afterAll(() => kit.stop());

const seed = printedSeed('simulation/barrier.test.ts');
const named = sagas.map((saga) => ({ saga, name: saga.definition.workflow }));

test.each(named)(
  'B1–B8, B10 $name keeps its promise, whatever becomes of connections, transactions and servers',
  async ({ saga }) => {
    const schedules = sized(80, 60);
    const explored = await explore(kit, saga, { seed, schedules, placements, participants: 'barrier' });
    expect(explored.broken).toBeUndefined();
    expect(explored.schedules).toBe(schedules);
    expect(Object.keys(explored.byOutcome)).toEqual(expect.arrayContaining(['completed', 'compensated']));
    process.stderr.write(`${JSON.stringify(explored.byOutcome)}\n`);
  },
  600_000,
);

const [order] = sagas;
if (!order) throw new Error('the matrix has no saga');

test('each kind of fault comes to the barrier', async () => {
  const kinds = ['25006', '25P03', '40001', '40P01', '57014', '57P01', 'DATABASE_UNAVAILABLE'];
  const seen = new Map<string, number>();
  const backend = barrierBackend(recordingErrors(seen));
  let seed = 1;
  for (; seed < 1_000 && !kinds.every((kind) => seen.has(kind)); seed += 50)
    await exploreWith(backend, kit, order, { seed, schedules: 50, placements });
  process.stderr.write(`after ${seed - 1} schedules\n`);
  expect([...seen.keys()]).toEqual(expect.arrayContaining(kinds));
}, 600_000);

test('the same seed gives the same schedules', async () => {
  const options = { seed: 7, schedules: 30, placements, participants: 'barrier' } as const;
  const first = await explore(kit, order, options);
  expect(await explore(kit, order, options)).toEqual(first);
  expect(first.states).not.toBe(
    (await explore(kit, order, { ...options, participants: 'in-memory' })).states,
  );
});

describe('a barrier from which a safeguard was taken out', () => {
  test.each(brokenBarriers)(
    '$rule one that $name breaks the promise',
    async ({ between, shows }) => {
      const { broken, schedules } = await exploreWith(barrierBackend(between), kit, order, {
        seed: 3,
        schedules: 5_000,
        placements,
      });
      expect(broken?.problems.join()).toMatch(shows);
      const choices = broken?.choices ?? [];
      const eventful = choices.filter((choice) => choice !== 0).length;
      process.stderr.write(`after ${schedules} schedules, ${eventful} of ${choices.length} choices\n`);
    },
    600_000,
  );
});

test('what an exploration with the barrier finds is repeated with the barrier', async () => {
  const visits = await SagaTestKit.start({
    workflowsPath: require.resolve('../testing/visit-workflow'),
    sagas: [],
  });
  const answer = ({ visit }: visitSteps.Visit): visitSteps.Done => ({ done: visit });
  const forgetful = sagaUnderTest({
    definition: visitSteps.visiting('forgetful'),
    steps: visitSteps,
    answers: { look: answer, book: answer, rent: answer, borrow: answer, pay: answer, thank: answer },
    input: (visit) => ({ visit }),
  });
  const { broken } = await explore(visits, forgetful, { participants: 'barrier' });
  expect(broken?.problems).toContain('the report knows nothing of do book');
  expect(broken?.replay).toContain('"participants":"barrier"');
  if (broken) expect(await replay(visits, forgetful, broken)).toEqual(broken.problems);
  await visits.stop();
});
