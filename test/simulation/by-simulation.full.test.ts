import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { placements } from '../../src/saga';
import { explore, runMatrix, SagaTestKit } from '../../src/testing';
import { sagas } from '../matrix/sagas';
import { printedSeed } from '../support/seed';

/** What a simulation alone finds: `npm run test:mutants -- --by-simulation` runs this instead of a mutant's own tests. */
let kit: SagaTestKit;
beforeAll(async () => {
  kit = await SagaTestKit.start({ workflowsPath: require.resolve('../matrix/matrix-workflow'), sagas });
});
afterAll(async () => await kit.stop());

const seed = printedSeed('simulation/by-simulation.full.test.ts');
const named = sagas.map((saga) => ({ saga, name: saga.definition.workflow }));

test.each(named)(
  '$name keeps its promise in the matrix',
  async ({ saga }) => {
    expect(await runMatrix(kit, saga, { placements })).toMatchObject({ violations: [], notFired: [] });
  },
  150_000,
);

test.each(named)(
  '$name keeps its promise in any order',
  async ({ saga }) => {
    expect((await explore(kit, saga, { seed, schedules: 600, placements })).broken).toBeUndefined();
  },
  150_000,
);
