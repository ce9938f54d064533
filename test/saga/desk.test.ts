import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowHandle } from '@temporalio/client';
import type { SagaClient } from '../../src/client';
import {
  abandonSaga,
  resolveStep,
  retryStep,
  sagaStatusAttribute,
  skipStep,
  type DeskDecision,
} from '../../src/saga';
import { localServer } from '../support/temporal';
import { until } from '../support/until';
import { ended, Harness, states } from './harness';
import { fail, par, pivot, type Program, retriable, run, seq, wait } from './program';
import type { ProgramOptions } from './program-workflow';
import { World } from './world';

let harness: Harness;
let client: SagaClient;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
  client = harness.client;
});
afterAll(async () => await harness.stop());

const signature = { actor: 'grace', reason: 'the bank answered by telephone', ticket: 'OPS-7' };
const about = (step: string): DeskDecision => ({ step, ...signature });

/** Runs a program until it is stuck, then hands it over. */
async function whenStuck(
  world: World,
  program: Program,
  act: (handle: WorkflowHandle, sagaId: string) => Promise<void>,
  options: ProgramOptions = {},
): Promise<void> {
  await harness.withWorkers(world, async () => {
    const handle = await harness.start(program, undefined, {}, options);
    await harness.until(handle, (report) => report.status === 'stuck');
    await act(handle, handle.workflowId);
  });
}

const stuckInUnwinding = seq(run('a'), run('b'), fail('NO'));

describe('S6 the desk of a stuck compensation', () => {
  test('retry: another round runs now, long before the pause is over', async () => {
    const world = new World().script('undo b', 'permanent');
    await whenStuck(world, stuckInUnwinding, async (handle, sagaId) => {
      await client.update(sagaId, retryStep, about('b'));
      const { report } = await ended(handle as never);
      expect(states(report)).toEqual({ a: 'compensated', b: 'compensated' });
      expect(report.desk).toEqual([{ verb: 'retry', ...about('b'), at: expect.any(String) }]);
    });
  });

  test('retry with corrected input: the compensation gets it', async () => {
    const world = new World().script('undo b', 'permanent');
    await whenStuck(world, stuckInUnwinding, async (handle, sagaId) => {
      await client.update(sagaId, retryStep, { ...about('b'), input: { step: 'corrected' } });
      expect((await ended(handle as never)).report.desk).toMatchObject([{ verb: 'retry', corrected: true }]);
    });
    expect(world.undone.get('b')).toEqual({
      input: { step: 'corrected' },
      output: { did: 'b' },
      reason: 'NO',
    });
  });

  test('resolve: it was done by hand, and what came before it is undone', async () => {
    const world = new World().script('undo b', 'permanent');
    await whenStuck(world, stuckInUnwinding, async (handle, sagaId) => {
      await client.update(sagaId, resolveStep, about('b'));
      expect(states((await ended(handle as never)).report)).toEqual({ a: 'compensated', b: 'compensated' });
    });
    expect(world.effects).toEqual(['do a', 'do b', 'undo a']);
  });

  test('skip: the saga ends partly compensated, and says so everywhere', async () => {
    const world = new World().script('undo b', 'permanent');
    await whenStuck(world, stuckInUnwinding, async (handle, sagaId) => {
      await until('visibility lists it as stuck', async () => {
        for await (const saga of client.listStuck())
          if (saga.sagaId === sagaId) return saga.stuckStep === 'b';
        return false;
      });
      await client.update(sagaId, skipStep, about('b'));
      const { report } = await ended(handle as never);
      expect(report.status).toBe('partly-compensated');
      expect(states(report)).toEqual({ a: 'compensated', b: 'skipped' });
      expect(await client.outcome(sagaId)).toMatchObject({
        kind: 'partly-compensated',
        reason: { code: 'NO' },
      });
      const { typedSearchAttributes } = await handle.describe();
      expect(typedSearchAttributes.get(sagaStatusAttribute)).toBe('PARTLY_COMPENSATED');
    });
  });

  test('skip with a second approver: the same actor cannot confirm, another one can', async () => {
    const world = new World().script('undo b', 'permanent');
    const options = { stuck: { skipNeedsTwo: true } };
    await whenStuck(
      world,
      stuckInUnwinding,
      async (handle, sagaId) => {
        expect(await client.update(sagaId, skipStep, about('b'))).toMatchObject({ verb: 'propose-skip' });
        expect((await harness.report(handle)).status).toBe('stuck');
        await expect(client.update(sagaId, skipStep, about('b'))).rejects.toMatchObject({
          message: expect.stringContaining('DESK_SAME_ACTOR'),
        });
        await client.update(sagaId, skipStep, { ...about('b'), actor: 'ada' });
        const { report } = await ended(handle as never);
        expect(report.desk?.map(({ verb, actor }) => [verb, actor])).toEqual([
          ['propose-skip', 'grace'],
          ['skip', 'ada'],
        ]);
      },
      options,
    );
  });

  test('skip with a second approver: another spelling of the same name is the same actor', async () => {
    const world = new World().script('undo b', 'permanent');
    await whenStuck(
      world,
      stuckInUnwinding,
      async (handle, sagaId) => {
        const by = (actor: string) => client.update(sagaId, skipStep, { ...about('b'), actor });
        await by('Zoë  Grace');
        for (const actor of ['Zoë Grace ', ' zoë grace', 'ZOE\u0308 GRACE', 'Zoë\u00a0Gra\u200bce'])
          await expect(by(actor)).rejects.toMatchObject({
            message: expect.stringContaining('DESK_SAME_ACTOR'),
          });
        expect(await by('Zoe Grace')).toMatchObject({ verb: 'skip' });
        expect((await ended(handle as never)).report.status).toBe('partly-compensated');
      },
      { stuck: { skipNeedsTwo: true } },
    );
  });

  test('with whenStuck go-on the entries before it are undone meanwhile, and the saga still waits for it', async () => {
    const world = new World().script('undo b', 'permanent');
    await whenStuck(
      world,
      stuckInUnwinding,
      async (handle, sagaId) => {
        await harness.until(handle, (report) => states(report).a === 'compensated');
        expect((await harness.report(handle)).status).toBe('stuck');
        await client.update(sagaId, retryStep, about('b'));
        expect((await ended(handle as never)).report.status).toBe('compensated');
      },
      { stuck: { whenStuck: 'go-on' } },
    );
    expect(world.effects).toEqual(['do a', 'do b', 'undo a', 'undo b']);
  });
});

describe('S6 the desk of a stuck action', () => {
  test('resolve: the body gets the output that the operator gives', async () => {
    const world = new World().script('do r', 'permanent');
    await whenStuck(world, seq(run('a'), pivot('p'), retriable('r')), async (handle, sagaId) => {
      await client.update(sagaId, resolveStep, { ...about('r'), output: { did: 'r by hand' } });
      expect((await ended(handle as never)).result).toEqual(['a', 'p', 'r by hand']);
    });
  });

  test('retry with corrected input: the action gets it', async () => {
    const world = new World().script('do p', 'permanent');
    await whenStuck(world, seq(run('a'), pivot('p')), async (handle, sagaId) => {
      await client.update(sagaId, retryStep, { ...about('p'), input: { step: 'p again' } });
      expect((await ended(handle as never)).result).toEqual(['a', 'p again']);
    });
  });

  test('skip is refused: after the pivot there is only forward', async () => {
    const world = new World().script('do p', 'permanent');
    await whenStuck(world, seq(run('a'), pivot('p')), async (handle, sagaId) => {
      await expect(client.update(sagaId, skipStep, about('p'))).rejects.toMatchObject({
        message: expect.stringContaining('DESK_NOT_POSSIBLE'),
      });
      await client.update(sagaId, retryStep, about('p'));
      await ended(handle as never);
    });
  });
});

describe('S6 a decision that makes no sense is refused and leaves no trace', () => {
  test('about a step that is not stuck, or not there, by nobody, without a reason, without an output', async () => {
    const world = new World().script('do r', 'permanent');
    await whenStuck(world, seq(run('a'), pivot('p'), retriable('r')), async (handle, sagaId) => {
      const refused = async (update: typeof retryStep, decision: object, code: string) => {
        await expect(client.update(sagaId, update, decision as never)).rejects.toMatchObject({
          code: 'UPDATE_REFUSED',
          message: expect.stringContaining(code),
        });
      };
      await refused(retryStep, about('a'), 'DESK_NOT_STUCK');
      await refused(retryStep, about('z'), 'DESK_INVALID');
      await refused(retryStep, {}, 'DESK_INVALID');
      await refused(retryStep, { ...about('r'), actor: '' }, 'DESK_INVALID');
      await refused(retryStep, { ...about('r'), reason: undefined }, 'DESK_INVALID');
      await refused(resolveStep as never, about('r'), 'DESK_INVALID');
      await refused(abandonSaga as never, signature, 'DESK_NOT_POSSIBLE');
      expect((await harness.report(handle)).desk).toBeUndefined();
      await client.update(sagaId, retryStep, about('r'));
      await ended(handle as never);
    });
  });
});

describe('S6 abandon', () => {
  test('before the pivot it ends the waiting and unwinds, with who and why', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), wait('never')));
      await harness.until(handle, (report) => states(report).a === 'succeeded');
      await client.update(handle.workflowId, abandonSaga, signature);
      const { report } = await ended(handle);
      expect(report).toMatchObject({
        status: 'compensated',
        reason: { code: 'ABANDONED' },
        desk: [{ verb: 'abandon', ...signature }],
      });
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });
});

describe('S8 the deadline', () => {
  const deadline = { deadline: 1500 };

  test('before the pivot it unwinds', async () => {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), wait('never')), undefined, {}, deadline);
      const { report } = await ended(handle);
      expect(report).toMatchObject({
        status: 'compensated',
        reason: { code: 'DEADLINE_EXCEEDED' },
        deadline: { effect: 'unwound' },
      });
      expect((await handle.describe()).status.name).toBe('FAILED');
    });
    expect(world.effects).toEqual(['do a', 'undo a']);
  });

  test('after the pivot it is declined and reported', async () => {
    await harness.withWorkers(new World(), async () => {
      const handle = await harness.start(seq(pivot('p'), wait('go')), undefined, {}, deadline);
      await harness.until(handle, (report) => report.deadline?.effect === 'declined');
      await handle.signal('signal', 'go');
      expect((await ended(handle)).report).toMatchObject({
        status: 'completed',
        deadline: { effect: 'declined' },
      });
    });
  });

  test('during an unwinding it changes nothing', async () => {
    const world = new World().script('undo a', 'held').script('do b', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), par(run('b'))), undefined, {}, deadline);
      await world.arrived('undo a');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'declined');
      world.release('undo a');
      expect((await ended(handle)).report).toMatchObject({ status: 'compensated', reason: { code: 'NO' } });
    });
  });
});

test('S14 a saga whose history grows near its limit unwinds before the server terminates it', async () => {
  const world = new World();
  await harness.withWorkers(world, async () => {
    const program = seq(run('a'), run('b'), run('c'));
    const { report } = await ended(await harness.start(program, undefined, {}, { maxHistoryEvents: 565 }));
    expect(report).toMatchObject({ status: 'compensated', reason: { code: 'HISTORY_LIMIT' } });
  });
  expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
});
