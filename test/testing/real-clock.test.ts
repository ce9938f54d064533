import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { findBrokenPromises, runMatrix, SagaTestKit, sagaUnderTest } from '../../src/testing';
import { localServer } from '../support/temporal';
import * as steps from './visit';

const underTest = (workflow: string) => {
  const answer = ({ visit }: steps.Visit): steps.Done => ({ done: visit });
  return sagaUnderTest({
    definition: steps.visiting(workflow),
    steps,
    answers: { look: answer, book: answer, rent: answer, borrow: answer, pay: answer, thank: answer },
    input: (visit) => ({ visit }),
  });
};
const curious = underTest('curious');
const forgetful = underTest('forgetful');

let env: TestWorkflowEnvironment;
let kit: SagaTestKit;
beforeAll(async () => {
  env = await localServer();
  const workflowsPath = require.resolve('./visit-workflow');
  kit = await SagaTestKit.start({ env, workflowsPath, sagas: [curious, forgetful] });
});
afterAll(async () => {
  await kit.stop();
  await env.teardown();
});

describe('on a server with a real clock', () => {
  test('S17 a saga is reset to each of its workflow tasks, while it runs and when it is over', async () => {
    const result = await runMatrix(kit, curious, { only: ['reset', 'reset-when-over'] });
    expect(result).toMatchObject({ violations: [], notFired: [] });
    expect(result.byFault['reset']).toBeGreaterThan(5);
    expect(result.byFault['reset-when-over']).toBeGreaterThan(5);
  });

  test('S17 what a saga did behind the back of the engine is found when it is reset and undone', async () => {
    const { violations } = await runMatrix(kit, forgetful, { only: ['reset-when-over'] });
    expect(violations.flatMap(({ problems }) => problems)).toContain('it is compensated, and book remains');
  });

  test('B8 participants block an action that was undone, as the barrier does', async () => {
    const faults = [
      { kind: 'cancel', at: 'do book' },
      { kind: 'reset-when-over', at: 'undo book', to: { workflow: '', task: 0 } },
    ] as const;
    const run = await kit.run(curious, { faults });
    expect(run.effects.map(({ op, step }) => `${op} ${step}`)).toEqual(['do book', 'undo book']);
    expect(run).toMatchObject({
      outcome: { kind: 'compensated' },
      report: { reason: { code: 'ACTION_BLOCKED' } },
    });
    expect(findBrokenPromises(run)).toEqual([]);
  });
});
