import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SagaClient } from '../../src/client';
import { retryStep } from '../../src/saga';
import { Harness } from '../saga/harness';
import { fail, reach, run, seq } from '../saga/program';
import { programSaga } from '../saga/program-workflow';
import { World } from '../saga/world';
import { localServer } from '../support/temporal';

let harness: Harness;
let impatient: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  impatient = new SagaClient(harness.env.client, { answerWithinMs: 1_500 });
});
afterAll(async () => await harness.stop());

const decision = { step: 'b', actor: 'grace', reason: 'the bank is back' };

describe('a saga whose workers are gone', () => {
  test('does not answer, and who asks is told so in time', async () => {
    const { workflowId: sagaId } = await harness.start(run('a'));
    const unanswered = { code: 'NO_ANSWER', sagaId, message: expect.stringContaining('1.5 s') };
    await expect(impatient.report(sagaId)).rejects.toMatchObject(unanswered);
    await expect(impatient.undoPreview(sagaId)).rejects.toMatchObject(unanswered);
    await expect(impatient.update(sagaId, retryStep, decision)).rejects.toMatchObject(unanswered);
  });

  test('takes the decision that got no answer when they are back; asked again it says how it stands', async () => {
    const world = new World().script('undo b', 'permanent');
    let sagaId = '';
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), run('b'), fail('NO')));
      sagaId = handle.workflowId;
      await harness.until(handle, (report) => report.status === 'stuck');
    });
    await expect(impatient.update(sagaId, retryStep, decision)).rejects.toMatchObject({ code: 'NO_ANSWER' });
    await harness.withWorkers(world, async () => {
      const { client } = harness;
      await client.update(sagaId, retryStep, decision).catch((error: unknown) =>
        // The first one was taken meanwhile, and it was enough.
        expect(error).toMatchObject({ code: expect.stringMatching(/^(UPDATE_REFUSED|SAGA_ENDED)$/) }),
      );
      expect(await client.waitForClose(sagaId)).toMatchObject({ kind: 'compensated' });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
  });

  test('is started all the same when who started it waits in vain for its milestone', async () => {
    const named = { ...programSaga, idOf: () => 'milestone-later' };
    const program = seq(run('a'), reach('accepted'));
    await expect(impatient.startUntil(named, program, 'accepted')).rejects.toMatchObject({
      code: 'NO_ANSWER',
    });
    await harness.withWorkers(new World(), async () => {
      expect(await impatient.waitForClose('milestone-later')).toMatchObject({ kind: 'completed' });
    });
  });
});
