import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import { sagaStatusAttribute, SagaStuckStep, resolveStep, retryStep, skipStep } from '../../src/saga';
import { nestedReport } from '../../src/saga/nested';
import { ResettableRun } from '../../src/testing/reset';
import { until } from '../support/until';
import { localServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import {
  attempt,
  declared,
  fail,
  finalPivot,
  nested,
  par,
  pivot,
  retriable,
  run,
  seq,
  wait,
} from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

const by = (step: string) => ({ step, actor: 'ada', reason: 'looked into it' });

describe('S10 a saga as a step', () => {
  test("its result is the step's; it is a workflow of its own under <saga>.<step>", async () => {
    const world = new World();
    const { result, handle } = await harness.run(
      world,
      seq(run('a'), nested('inner', seq(run('x'), run('y'))), run('b')),
    );
    expect(result).toEqual(['a', 'x', 'y', 'b']);
    expect(world.effects).toEqual(['do a', 'do x', 'do y', 'do b']);
    expect(world.calls.map(({ sagaId }) => sagaId)).toEqual([
      handle.workflowId,
      `${handle.workflowId}.inner`,
      `${handle.workflowId}.inner`,
      handle.workflowId,
    ]);
  });

  test('one that fails has unwound itself: it is refused with its reason, and nothing of it is undone again', async () => {
    const world = new World().script('do y', 'refuse');
    const { report } = await harness.run(
      world,
      seq(run('a'), nested('inner', seq(run('x'), run('y'))), run('b')),
    );
    expect(states(report)).toEqual({ a: 'compensated', inner: 'refused' });
    expect(report.reason).toMatchObject({ code: 'NO', step: 'inner' });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });

  test('the body may go on another way after it', async () => {
    const world = new World().script('do y', 'refuse');
    const { result } = await harness.run(
      world,
      seq(attempt(nested('inner', seq(run('x'), run('y')))), run('b')),
    );
    expect(result).toEqual(['b']);
    expect(world.effects).toEqual(['do x', 'undo x', 'do b']);
  });

  test("one that completed is reversed by its parent's unwinding, in order and with its own keys", async () => {
    const world = new World();
    await harness.withWorkers(
      world,
      async () => {
        const inner = nested('inner', seq(run('x'), nested('innermost', run('z')), pivot('p')));
        const { report, handle } = await ended(
          await harness.start(seq(run('a'), inner, run('b'), fail('NO'))),
        );
        expect(states(report)).toEqual({ a: 'compensated', inner: 'compensated', b: 'compensated' });
        expect(report.status).toBe('compensated');
        const undo = world.calls.filter(({ op }) => op === 'undo').map(({ key }) => key);
        const id = handle.workflowId;
        expect(undo).toEqual([
          `default/${id}/b/undo`,
          `default/${id}.inner/p/undo`,
          `default/${id}.inner.innermost/z/undo`,
          `default/${id}.inner/x/undo`,
          `default/${id}/a/undo`,
        ]);
      },
      { maxCachedWorkflows: 0 },
    );
    expect(world.effects).toEqual([
      ...['do a', 'do x', 'do z', 'do p', 'do b'],
      ...['undo b', 'undo p', 'undo z', 'undo x', 'undo a'],
    ]);
    expect(world.undone.get('x')).toMatchObject({ output: { did: 'x' }, reason: 'REVERSED' });
  });

  test('one that leaves something makes its parent end partly compensated', async () => {
    const world = new World();
    const inner = nested('inner', seq(run('x'), pivot('p'), retriable('r')));
    const { report } = await harness.run(world, seq(inner, fail('NO')));
    expect(report.status).toBe('partly-compensated');
    expect(world.effects).toEqual(['do x', 'do p', 'do r', 'undo p', 'undo x']);
  });

  test('one whose pivot declares no compensation is for an operator of the parent', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(nested('inner', seq(run('x'), finalPivot('p'))), fail('NO')));
      await harness.until(handle, ({ status }) => status === 'stuck');
      expect((await harness.report(handle)).steps[0]?.stuck?.code).toBe('NESTED_IRREVERSIBLE');
      await handle.executeUpdate(skipStep, { args: [by('inner')] });
      expect((await ended(handle)).report.status).toBe('partly-compensated');
    });
    expect(world.effects).toEqual(['do x', 'do p']);
  });

  test('S8 a cancel of the parent reaches it: it unwinds, then the parent does', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), nested('inner', seq(run('x'), wait('never')))));
      await until('x happened', () => world.effects.includes('do x'));
      await handle.cancel();
      const { report } = await ended(handle);
      expect(report).toMatchObject({ status: 'cancelled', cancel: { effect: 'unwound' } });
      expect(states(report)).toEqual({ a: 'compensated', inner: 'refused' });
    });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });

  test('one that is stuck shows in its parent, and is for its own desk', async () => {
    const world = new World().script('undo x', 'permanent');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), nested('inner', seq(run('x'), fail('NO')))));
      await harness.until(handle, ({ status }) => status === 'stuck');
      const { steps } = await harness.report(handle);
      expect(steps[1]?.stuck).toMatchObject({ code: 'BROKEN', message: expect.stringContaining('x: ') });
      const attributes = (await handle.describe()).typedSearchAttributes;
      expect(attributes.get(sagaStatusAttribute)).toBe('STUCK');
      expect(attributes.get(SagaStuckStep)).toBe('inner');

      const atParent = handle.executeUpdate(retryStep, { args: [by('inner')] });
      await expect(atParent).rejects.toMatchObject({ cause: { type: 'DESK_NESTED' } });
      const inner = harness.handle(`${handle.workflowId}.inner`);
      await inner.executeUpdate(retryStep, { args: [by('x')] });
      const { report } = await ended(handle);
      expect(states(report)).toEqual({ a: 'compensated', inner: 'refused' });
    });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });

  test('what it said first is not taken for its latest word when the server delivers it later', async () => {
    const world = new World().script('do x', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(nested('inner', run('x')), run('b')));
      await world.arrived('do x');
      const sagaId = `${handle.workflowId}.inner`;
      const says = async (number: number, stuck?: { code: string; message: string }) =>
        await handle.signal(nestedReport, {
          sagaId,
          from: { run: 'a run', number },
          ...(stuck && { stuck }),
        });
      await says(2, { code: 'BROKEN', message: 'x: broken' });
      await says(1);
      expect((await harness.report(handle)).status).toBe('stuck');
      await says(3);
      await harness.until(handle, ({ status }) => status === 'forward');
      world.release('do x');
      expect((await ended(handle)).result).toEqual(['x', 'b']);
    });
  });

  test('a reversal that is stuck shows in the parent', async () => {
    const world = new World().script('undo x', 'permanent');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(nested('inner', run('x')), fail('NO')));
      await harness.until(handle, ({ status }) => status === 'stuck');
      const reversal = harness.handle(`${handle.workflowId}.inner-reverse`);
      await reversal.executeUpdate(retryStep, { args: [by('x')] });
      expect((await ended(handle)).report.status).toBe('compensated');
      const told = eventsOf(await reversal.fetchHistory());
      // That it is stuck, and that it is not any more; both have arrived before it closes.
      expect(told.filter((event) => event === 'signal')).toHaveLength(2);
      expect(told.filter((event) => event === 'signalled')).toHaveLength(2);
    });
    expect(world.effects).toEqual(['do x', 'undo x']);
  });

  test('S2 one that was ended by force is unknown: the parent waits at it until it is rescued', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), nested('inner', seq(run('x'), wait('never')))));
      const innerId = `${handle.workflowId}.inner`;
      await until('x happened', () => world.effects.includes('do x'));
      await harness.handle(innerId).terminate();
      await harness.until(handle, ({ status }) => status === 'stuck');
      expect((await harness.report(handle)).steps[1]?.stuck?.code).toBe('NESTED_ENDED_BY_FORCE');
      const { rescueId } = await harness.client.rescue(innerId);
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
      await handle.executeUpdate(resolveStep, { args: [by('inner')] });
      expect((await ended(handle)).report.status).toBe('compensated');
    });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });

  test('a parent that is ended by force takes it back', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(nested('inner', seq(run('x'), wait('never'))));
      await until('x happened', () => world.effects.includes('do x'));
      await handle.terminate();
      const inner = await ended(harness.handle(`${handle.workflowId}.inner`));
      expect(inner.report.status).toBe('cancelled');
    });
    expect(world.effects).toEqual(['do x', 'undo x']);
  });

  test('S13 a parent that was ended by force is rescued with what its sagas left, however those ended', async () => {
    const world = new World().script('do c', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(
          run('a'),
          nested('completed', seq(run('x'), pivot('p'))),
          par(
            nested('cancelled', seq(run('y'), wait('never'))),
            nested('terminated', seq(run('z'), wait('never'))),
          ),
        ),
      );
      await until('z and y happened', () => ['do z', 'do y'].every((each) => world.effects.includes(each)));
      await harness.handle(`${handle.workflowId}.terminated`).terminate();
      await handle.terminate();
      await harness.client.waitForClose(`${handle.workflowId}.cancelled`);
      const { rescueId } = await harness.client.rescue(handle.workflowId);
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    });
    expect(new Set(world.effects)).toEqual(
      new Set(['a', 'x', 'p', 'y', 'z'].flatMap((step) => [`do ${step}`, `undo ${step}`])),
    );
    expect(world.effects.at(-1)).toBe('undo a');
  });

  test('S13 one that was terminated past its pivot is taken back with its parent, its pivot included', async () => {
    const world = new World().script('do r', 'held');
    await harness.withWorkers(world, async () => {
      const inner = seq(run('x'), pivot('p'), retriable('r'));
      const handle = await harness.start(seq(run('a'), nested('inner', inner)));
      await world.arrived('do r');
      await harness.handle(`${handle.workflowId}.inner`).terminate();
      await handle.terminate();
      const { rescueId } = await harness.client.rescue(handle.workflowId);
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    });
    expect(world.effects.filter((effect) => effect.startsWith('undo'))).toEqual([
      'undo p',
      'undo x',
      'undo a',
    ]);
  });

  test('S13 a rescue is refused because of a nested saga whose pivot cannot be taken back', async () => {
    const world = new World().script('do r', 'held');
    await harness.withWorkers(world, async () => {
      const inner = seq(run('x'), finalPivot('p'), retriable('r'));
      const handle = await harness.start(seq(run('a'), nested('inner', inner)));
      await world.arrived('do r');
      await harness.handle(`${handle.workflowId}.inner`).terminate();
      await handle.terminate();
      await expect(harness.client.rescue(handle.workflowId)).rejects.toMatchObject({
        code: 'PIVOT_IRREVERSIBLE',
        sagaId: `${handle.workflowId}.inner`,
      });
    });
    expect(world.effects.filter((effect) => effect.startsWith('undo'))).toEqual([]);
  });

  test('S13 a rescue is refused while a saga that is a step runs', async () => {
    const world = new World().script('undo x', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), nested('inner', seq(run('x'), wait('never')))));
      await until('x happened', () => world.effects.includes('do x'));
      await handle.terminate();
      await world.arrived('undo x');
      await expect(harness.client.rescue(handle.workflowId)).rejects.toMatchObject({ code: 'SAGA_RUNNING' });
      world.release('undo x');
      await harness.client.waitForClose(`${handle.workflowId}.inner`);
      const { rescueId } = await harness.client.rescue(handle.workflowId);
      await harness.client.waitForClose(rescueId);
    });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });
});

describe('S13 what a nested definition says about stuck operations holds when it is undone', () => {
  const twoActors = { skipNeedsTwo: true };

  async function needsTwo(id: string, step: string): Promise<void> {
    const handle = harness.handle(id);
    const kind = async () => (await harness.client.outcome(id)).kind;
    await until(`${id} to be stuck`, async () => (await kind().catch(() => 'not there')) === 'stuck');
    await handle.executeUpdate(skipStep, { args: [by(step)] });
    expect((await harness.report(handle)).status).toBe('stuck');
    await handle.executeUpdate(skipStep, { args: [{ ...by(step), actor: 'grace' }] });
  }

  test('by the unwinding of its parent', async () => {
    const world = new World().script('undo x', 'permanent');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(nested('inner', declared(twoActors, run('x'))), fail('NO')));
      await needsTwo(`${handle.workflowId}.inner-reverse`, 'x');
      expect((await ended(handle)).report.status).toBe('partly-compensated');
    });
  });

  test('by a rescue of its parent, when it was terminated itself', async () => {
    const world = new World().script('undo x', 'permanent');
    await harness.withWorkers(world, async () => {
      const inner = declared(twoActors, seq(run('x'), wait('never')));
      const handle = await harness.start(nested('inner', inner));
      await until('x happened', () => world.effects.includes('do x'));
      await harness.handle(`${handle.workflowId}.inner`).terminate();
      await handle.terminate();
      const { rescueId } = await harness.client.rescue(handle.workflowId);
      await needsTwo(`${handle.workflowId}.inner-reverse`, 'x');
      expect(await harness.client.waitForClose(rescueId)).toMatchObject({ kind: 'completed' });
    });
  });
});

describe('S17 a parent that is reset to before the start of its nested saga', () => {
  /** Starts the workflow over from its first workflow task. */
  async function reset({ workflowId }: WorkflowHandle): Promise<void> {
    await (await ResettableRun.of(harness.env.client, workflowId)).resetToTask(0);
  }

  const stuckAt = async (handle: WorkflowHandle) => {
    await harness.until(handle, ({ status }) => status === 'stuck');
    return (await harness.report(handle)).steps.find(({ name }) => name === 'inner')?.stuck;
  };

  test('while it runs: cancelled, it unwinds itself, and the step is resolved', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), nested('inner', seq(run('x'), wait('never')))));
      const inner = harness.handle(`${handle.workflowId}.inner`);
      await until('x happened', () => world.effects.includes('do x'));
      await reset(handle);
      const latest = harness.handle(handle.workflowId);
      expect(await stuckAt(latest)).toMatchObject({
        code: 'NESTED_STARTED_BEFORE',
        message: expect.stringContaining(`cancel ${inner.workflowId} if it runs`),
      });
      await inner.cancel();
      expect((await ended(inner)).report.status).toBe('cancelled');
      await latest.executeUpdate(resolveStep, { args: [by('inner')] });
      expect((await ended(latest)).report.status).toBe('compensated');
    });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });

  test('after it completed: it runs again, gets the answers that it had, and is reversed', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), nested('inner', run('x')), wait('never')));
      await harness.until(handle, (report) => states(report)['inner'] === 'succeeded');
      await reset(handle);
      const latest = harness.handle(handle.workflowId);
      await harness.until(latest, (report) => states(report)['inner'] === 'succeeded');
      expect(world.effects).toEqual(['do a', 'do x']);
      await latest.cancel();
      expect((await ended(latest)).report.status).toBe('cancelled');
    });
    expect(world.effects).toEqual(['do a', 'do x', 'undo x', 'undo a']);
  });
});

/** What a history tells of signals to other workflows. */
function eventsOf({
  events,
}: Awaited<ReturnType<ReturnType<typeof harness.handle>['fetchHistory']>>): string[] {
  return (events ?? []).flatMap((event) => [
    ...(event.signalExternalWorkflowExecutionInitiatedEventAttributes ? ['signal'] : []),
    ...(event.externalWorkflowExecutionSignaledEventAttributes ? ['signalled'] : []),
  ]);
}
