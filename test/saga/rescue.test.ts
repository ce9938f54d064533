import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { SagaClient } from '../../src/client';
import { readCallEvents } from '../../src/client/call-events';
import { type SagaReport, skipStep } from '../../src/saga';
import { ResettableRun } from '../../src/testing/reset';
import { localServer } from '../support/temporal';
import { ended, Harness, states } from './harness';
import { declared, fail, finalPivot, par, pivot, type Program, retriable, run, seq, wait } from './program';
import { definitionOf, type fourStepsByHand } from './program-workflow';
import { type Behaviour, World } from './world';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  client = harness.client;
});
afterAll(async () => await harness.stop());

/** Runs the program until these operations have arrived, terminates it, and goes on with the test. */
async function terminated(
  world: World,
  program: Program,
  at: readonly string[],
  body: (sagaId: string) => Promise<void>,
): Promise<void> {
  await harness.withWorkers(world, async () => {
    const handle = await harness.start(program);
    await world.arrived(...at);
    await handle.terminate();
    await body(handle.workflowId);
  });
}

async function reportOf(rescueId: string): Promise<SagaReport> {
  const outcome = await client.waitForClose<SagaReport>(rescueId);
  if (outcome.kind !== 'completed') throw new Error(`${rescueId} is ${outcome.kind}`);
  return outcome.result;
}

const undos = ({ effects }: World) => effects.filter((effect) => effect.startsWith('undo'));
const three = seq(run('a'), run('b'), run('c'), fail('NO'));

describe('S13 a saga that was terminated is rescued', () => {
  test.each([
    ['do a', ['undo a']],
    ['do b', ['undo b', 'undo a']],
    ['do c', ['undo c', 'undo b', 'undo a']],
    ['undo c', ['undo c', 'undo b', 'undo a']],
    ['undo b', ['undo c', 'undo b', 'undo a']],
    ['undo a', ['undo c', 'undo b', 'undo a']],
  ] as const)(
    'during %s: what may stand is undone in reverse, with the original keys',
    async (at, expected) => {
      const world = new World().script(at, 'held');
      await terminated(world, three, [at], async (sagaId) => {
        const started = await client.rescue(sagaId);
        expect(started).toEqual({ sagaId, rescueId: `${sagaId}-rescue`, started: true });
        const report = await reportOf(started.rescueId);

        expect(undos(world)).toEqual(expected);
        expect(report).toMatchObject({ sagaId: started.rescueId, status: 'compensated' });
        expect(report.reason).toMatchObject({ code: 'RESCUED', message: expect.stringContaining(sagaId) });
        expect(world.undone.get('a')).toMatchObject({ input: { step: 'a' }, reason: 'RESCUED' });
        for (const { namespace, step, op, key, sagaId: called } of world.calls) {
          expect(namespace).toBe('default');
          expect({ called, key }).toEqual({ called: sagaId, key: `default/${sagaId}/${step}/${op}` });
        }
      });
    },
  );

  test('the compensation is given the output where it is known, and none where it is not', async () => {
    const world = new World().script('do b', 'held');
    await terminated(world, three, ['do b'], async (sagaId) => {
      const report = await reportOf((await client.rescue(sagaId)).rescueId);
      expect(world.undone.get('a')).toEqual({
        input: { step: 'a' },
        output: { did: 'a' },
        reason: 'RESCUED',
      });
      expect(world.undone.get('b')).toEqual({ input: { step: 'b' }, reason: 'RESCUED' });
      expect(report.steps.map(({ failure }) => failure?.code)).toEqual([undefined, 'STEP_UNKNOWN']);
    });
  });

  test('steps that overlapped are undone concurrently, before what they both came after (S3)', async () => {
    const world = new World().script('undo b', 'held').script('undo c', 'held').script('do d', 'held');
    const program = seq(run('a'), par(run('b'), run('c')), run('d'));
    await terminated(world, program, ['do d'], async (sagaId) => {
      const { rescueId } = await client.rescue(sagaId);
      await world.arrived('undo b', 'undo c');
      expect(undos(world)).toEqual(['undo d']);
      world.release('undo c');
      world.release('undo b');
      await reportOf(rescueId);
    });
    expect(world.effects.at(-1)).toBe('undo a');
  });

  test('twice is once', async () => {
    const world = new World().script('do c', 'held');
    await terminated(world, three, ['do c'], async (sagaId) => {
      const both = await Promise.all([client.rescue(sagaId), client.rescue(sagaId)]);
      expect(both.filter(({ started }) => started)).toHaveLength(1);
      await reportOf(both[0].rescueId);
      expect(await client.rescue(sagaId)).toMatchObject({ started: false });
      expect(world.attempts.slice(3)).toEqual(['undo c', 'undo b', 'undo a']);
    });
  });

  test('a rescue that is stuck is visible, and one that was terminated itself is rescued again', async () => {
    const world = new World().script('do c', 'held').script('undo b', 'permanent');
    await terminated(world, three, ['do c'], async (sagaId) => {
      const { rescueId } = await client.rescue(sagaId);
      const handle = harness.env.client.workflow.getHandle(rescueId);
      await harness.until(handle, ({ status }) => status === 'stuck');
      expect(await client.outcome(rescueId)).toEqual({ kind: 'stuck', step: 'b' });
      await handle.terminate();

      expect(await client.rescue(sagaId)).toEqual({ sagaId, rescueId, started: true });
      expect(states(await reportOf(rescueId))).toEqual({
        a: 'compensated',
        b: 'compensated',
        c: 'compensated',
      });
      expect(undos(world)).toEqual(['undo c', 'undo b', 'undo a']);
    });
  });

  test('what its definition says about stuck operations holds', async () => {
    const world = new World().script('do b', 'held').script('undo a', 'permanent');
    await harness.withWorkers(world, async () => {
      const sagaId = 'two-actors';
      const program = declared({ skipNeedsTwo: true }, seq(run('a'), run('b')));
      await client.start({ ...definitionOf(program), idOf: () => sagaId }, program);
      await world.arrived('do b');
      await harness.handle(sagaId).terminate();
      const { rescueId } = await client.rescue(sagaId);
      const handle = harness.handle(rescueId);
      await harness.until(handle, ({ status }) => status === 'stuck');
      const decision = { step: 'a', actor: 'ada', reason: 'looked into it' };
      await handle.executeUpdate(skipStep, { args: [decision] });
      expect((await harness.report(handle)).status).toBe('stuck');
      await handle.executeUpdate(skipStep, { args: [{ ...decision, actor: 'grace' }] });
      expect(await reportOf(rescueId)).toMatchObject({ status: 'partly-compensated' });
    });
  });

  test('a rescue cannot be cancelled (S4)', async () => {
    const world = new World().script('do c', 'held').script('undo b', 'held');
    await terminated(world, three, ['do c'], async (sagaId) => {
      const { rescueId } = await client.rescue(sagaId);
      await world.arrived('undo b');
      await client.cancel(rescueId);
      await harness.until(
        harness.env.client.workflow.getHandle(rescueId),
        ({ cancel }) => cancel !== undefined,
      );
      world.release('undo b');
      expect(await reportOf(rescueId)).toMatchObject({
        status: 'compensated',
        cancel: { effect: 'declined' },
      });
      expect(undos(world)).toEqual(['undo c', 'undo b', 'undo a']);
    });
  });
});

describe('S13 a rescue is refused', () => {
  test('while the saga runs, and when it needs none', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), wait('never')));
      await harness.until(handle, (report) => states(report)['a'] === 'succeeded');
      const rescue = async () => await client.rescue(handle.workflowId);
      await expect(rescue()).rejects.toMatchObject({ code: 'SAGA_RUNNING' });
      await expect(client.reverse(handle.workflowId)).rejects.toMatchObject({ code: 'SAGA_RUNNING' });
      await handle.cancel();
      await ended(handle);
      await expect(rescue()).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });

      const others = [await ended(await harness.start(three)), await ended(await harness.start(run('a')))];
      for (const { handle: other } of others) {
        await expect(client.rescue(other.workflowId)).rejects.toMatchObject({ code: 'NOTHING_TO_UNDO' });
      }
      await expect(client.rescue('none')).rejects.toMatchObject({ code: 'SAGA_NOT_FOUND' });
    });
  });

  const passing = seq(run('a'), pivot('p'), retriable('r'));
  test.each([
    ['the pivot runs', 'do p', 'held'],
    ['the pivot was passed', 'do r', 'held'],
  ] as [string, 'do p', Behaviour][])('when %s: PIVOT_PASSED, and nothing is undone', async (_, at, how) => {
    const world = new World().script(at, how);
    await terminated(world, passing, [at], async (sagaId) => {
      await expect(client.rescue(sagaId)).rejects.toMatchObject({ code: 'PIVOT_PASSED' });
      expect(undos(world)).toEqual([]);

      await reportOf((await client.reverse(sagaId)).rescueId);
      expect(undos(world)).toEqual(['undo p', 'undo a']);
      expect(world.undone.get('p')?.output).toEqual(at === 'do p' ? undefined : { did: 'p' });
    });
  });

  test('not when the pivot was refused and the saga was unwinding', async () => {
    const world = new World().script('do p', 'refuse').script('undo a', 'held');
    await terminated(world, passing, ['undo a'], async (sagaId) => {
      await reportOf((await client.rescue(sagaId)).rescueId);
      expect(undos(world)).toEqual(['undo a']);
    });
  });
});

describe('S13 the history', () => {
  test('is read page by page, however long it is', async () => {
    await harness.withWorkers(new World(), async () => {
      const { handle } = await ended(await harness.start(three));
      const { temporal } = client;
      const { runId } = await handle.describe();
      let pages = 0;
      const paged = Object.create(temporal, {
        workflowService: {
          value: {
            getWorkflowExecutionHistory: (request: object) => {
              pages += 1;
              return temporal.workflowService.getWorkflowExecutionHistory({ ...request, maximumPageSize: 2 });
            },
          },
        },
      }) as typeof temporal;
      const events = await readCallEvents(paged, handle.workflowId, runId);
      expect(events).toHaveLength(12);
      expect(pages).toBeGreaterThan(6);
      expect(events).toEqual(await readCallEvents(temporal, handle.workflowId, runId));
    });
  });

  test('of a version that did not keep what it takes to undo a step is refused', async () => {
    await harness.withWorkers(new World(), async () => {
      await harness.env.client.workflow.execute<typeof fourStepsByHand>('fourStepsByHand', {
        workflowId: 'by-hand',
        taskQueue: 'sagas',
      });
      await expect(client.reverse('by-hand')).rejects.toMatchObject({ code: 'HISTORY_TOO_OLD' });
    });
  });
});

describe('S13 a completed saga is reversed', () => {
  test('all of it, its pivot included, once', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const { handle } = await ended(
        await harness.start(seq(run('a'), par(run('b'), run('b')), pivot('p'), retriable('r'))),
      );
      const sagaId = handle.workflowId;
      const { rescueId, started } = await client.reverse(sagaId);
      expect({ rescueId, started }).toEqual({ rescueId: `${sagaId}-reverse`, started: true });
      const report = await reportOf(rescueId);
      expect(report).toMatchObject({ reason: { code: 'REVERSED' } });
      expect(undos(world)[0]).toBe('undo p');
      expect([...undos(world)].sort()).toEqual(['undo a', 'undo b', 'undo b#2', 'undo p']);
      expect(undos(world).at(-1)).toBe('undo a');
      expect(await client.reverse(sagaId)).toEqual({ sagaId, rescueId, started: false });
      expect(await client.outcome(sagaId)).toMatchObject({ kind: 'completed' });
    });
  });

  test('S17 while the reverse of a run before a reset still runs: not yet, and then what the reset run did too', async () => {
    const world = new World().script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const { handle } = await ended(await harness.start(seq(run('a'), run('b'))));
      const sagaId = handle.workflowId;
      const { rescueId } = await client.reverse(sagaId);
      await world.arrived('undo b');
      await (await ResettableRun.of(harness.env.client, sagaId)).resetToTask(0);
      expect((await ended(harness.handle(sagaId))).report.status).toBe('completed');
      await expect(client.reverse(sagaId)).rejects.toMatchObject({ code: 'RESCUE_OF_EARLIER_RUN' });
      world.release('undo b');
      await client.waitForClose(rescueId);
      expect(await client.reverse(sagaId)).toEqual({ sagaId, rescueId, started: true });
      await client.waitForClose(rescueId);
    });
    expect([...undos(world)].sort()).toEqual(['undo a', 'undo b']);
  });

  test('a pivot without a compensation cannot be taken back, so nothing is', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const { handle } = await ended(await harness.start(seq(run('a'), finalPivot('p'))));
      await expect(client.reverse(handle.workflowId)).rejects.toMatchObject({ code: 'PIVOT_IRREVERSIBLE' });
    });
    expect(undos(world)).toEqual([]);
  });
});
