import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { resolveStep, retryStep, skipStep } from '../../src/saga';
import { placementMemo } from '../../src/saga/memo';
import { localServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import { pivot, run, seq, wait } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

const signature = { actor: 'ada', reason: 'done by hand' };

describe('S6 a decision belongs to the operation that is stuck', () => {
  test('express: one that is accepted while a round runs that succeeds is declined, and undoes nothing later', async () => {
    const world = new World().script('do a', 'transient', 'transient', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(run('a'), wait('never')),
        `express-${randomUUID()}`,
        { memo: placementMemo('express'), workflowTaskTimeout: '1s' },
        { stuck: { initialInterval: 100 } },
      );
      await world.arrived('do a', 'do a', 'do a');
      // Accepted when the server asks for a sign of life of the workflow task, in which the round runs.
      await handle.executeUpdate(resolveStep, { args: [{ ...signature, step: 'a', output: { did: 'a' } }] });
      world.release('do a');
      await harness.until(handle, ({ steps }) => steps[0]?.state === 'succeeded');
      await handle.cancel();
      const { report } = await ended(handle);
      expect(states(report)).toEqual({ a: 'compensated' });
      expect(report.desk).toMatchObject([{ verb: 'resolve', step: 'a', declined: true }]);
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test('of a compensation: one that is accepted while a round runs that succeeds is declined', async () => {
    const world = new World().script('undo a', 'permanent', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(run('a'), wait('never')),
        undefined,
        {},
        { stuck: { initialInterval: 100 } },
      );
      await harness.until(handle, ({ steps }) => steps[0]?.state === 'succeeded');
      await handle.cancel();
      await world.arrived('undo a', 'undo a');
      await handle.executeUpdate(skipStep, { args: [{ ...signature, step: 'a' }] });
      world.release('undo a');
      const { report } = await ended(handle);
      expect(report.status).toBe('cancelled');
      expect(report.desk).toMatchObject([{ verb: 'skip', step: 'a', declined: true }]);
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });
});

test('S6, B9 what the action answered can be corrected for a compensation that cannot read it', async () => {
  const world = new World().script('undo a', 'permanent').script('do b', 'refuse');
  await harness.withWorkers(world, async () => {
    const handle = await harness.start(seq(run('a'), run('b')));
    await harness.until(handle, ({ status }) => status === 'stuck');
    const decision = { ...signature, step: 'a', output: { did: 'corrected' } };
    await handle.executeUpdate(retryStep, { args: [decision] });
    expect((await ended(handle)).report.status).toBe('compensated');
  });
  expect(world.undone.get('a')).toMatchObject({ input: { step: 'a' }, output: { did: 'corrected' } });
  expect(world.calls.at(-1)).toMatchObject({ op: 'undo', correctedOutput: true });
  expect(world.calls.at(-1)).not.toHaveProperty('corrected');
});

test('S6 the output of an action is no correction', async () => {
  const world = new World().script('do p', 'permanent');
  await harness.withWorkers(world, async () => {
    const handle = await harness.start(pivot('p'));
    await harness.until(handle, ({ status }) => status === 'stuck');
    const decision = { ...signature, step: 'p', output: { did: 'p' } };
    await expect(handle.executeUpdate(retryStep, { args: [decision] })).rejects.toMatchObject({
      cause: { type: 'DESK_INVALID' },
    });
    await handle.executeUpdate(retryStep, { args: [{ ...signature, step: 'p' }] });
    await handle.result();
  });
});
