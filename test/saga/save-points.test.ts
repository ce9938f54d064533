import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { sagaStatusAttribute, skipStep } from '../../src/saga';
import { localServer } from '../support/temporal';
import { type Ended, ended, Harness, states, taskFailure } from './harness';
import {
  attempt,
  fail,
  fork,
  par,
  pivot,
  type Program,
  retriable,
  run,
  savePoint,
  seq,
  wait,
} from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await localServer());
});
afterAll(async () => await harness.stop());

/** The index of an operation's first attempt. */
function at(world: World, operation: string): number {
  expect(world.attempts).toContain(operation);
  return world.attempts.indexOf(operation);
}

async function failedTasks({ handle }: Ended): Promise<number> {
  const { events } = await handle.fetchHistory();
  return (events ?? []).filter((event) => event.workflowTaskFailedEventAttributes).length;
}

describe('S9 a save-point that fails unwinds only its own entries, and the saga goes on another way', () => {
  const program = seq(
    run('a'),
    savePoint(seq(run('b'), run('c'), run('d')), seq(run('b'), run('e'))),
    pivot('p'),
    retriable('r'),
  );
  const order = ['do a', 'do b', 'do c', 'do d', 'undo c', 'undo b', 'do b#2', 'do e', 'do p', 'do r'];

  test.each([100, 0])(
    'in order, before the alternative begins; sticky cache of %i',
    async (maxCachedWorkflows) => {
      const world = new World().script('do d', 'refuse');
      await harness.withWorkers(
        world,
        async () => {
          const { result, report } = await ended(await harness.start(program));
          expect(result).toEqual(['a', 'b', 'c', 'b', 'e', 'p', 'r']);
          expect(states(report)).toEqual({
            a: 'succeeded',
            b: 'compensated',
            c: 'compensated',
            d: 'refused',
            'b#2': 'succeeded',
            e: 'succeeded',
            p: 'succeeded',
            r: 'succeeded',
          });
          expect(report.status).toBe('completed');
          expect(report).not.toHaveProperty('reason');
        },
        { maxCachedWorkflows },
      );
      expect(world.attempts).toEqual(order);
      expect(world.undone.get('b')).toEqual({ input: { step: 'b' }, output: { did: 'b' }, reason: 'NO' });
    },
  );

  test('the first alternative succeeds: the others do not run, and its steps are ordinary ones', async () => {
    const world = new World();
    await harness.run(world, seq(savePoint(run('b'), run('never')), run('c'), fail('NO')));
    expect(world.attempts).toEqual(['do b', 'do c', 'undo c', 'undo b']);
  });

  test('an unknown step is compensated before the alternative begins', async () => {
    const world = new World().script('do b', 'permanent').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(seq(run('a'), savePoint(run('b'), run('c'))));
      await world.arrived('undo b');
      expect(states(await harness.report(handle))).toEqual({ a: 'succeeded', b: 'compensating' });
      world.release('undo b');
      expect((await ended(handle)).result).toEqual(['a', 'c']);
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'undo b', 'do c']);
  });

  test('a body that fails by itself is undone like one whose step failed', async () => {
    const world = new World();
    await harness.run(world, savePoint(seq(run('b'), fail('NO')), run('c')));
    expect(world.attempts).toEqual(['do b', 'undo b', 'do c']);
  });

  test('without an alternative the failure is thrown after the unwinding, and the body may catch it', async () => {
    const world = new World().script('do c', 'refuse');
    const { result } = await harness.run(
      world,
      seq(run('a'), attempt(savePoint(seq(run('b'), run('c')))), run('d')),
    );
    expect(result).toEqual(['a', 'b', 'd']);
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'undo b', 'do d']);
  });

  test('all alternatives fail: each is undone for itself, then the saga unwinds with the last failure', async () => {
    const world = new World().script('do c', 'refuse').script('do e', 'permanent').script('do f', 'refuse');
    const { report } = await harness.run(
      world,
      seq(run('a'), savePoint(seq(run('b'), run('c')), run('e'), seq(run('d'), run('f')))),
    );
    expect(report).toMatchObject({ status: 'compensated', reason: { code: 'NO', step: 'f' } });
    expect(world.attempts).toEqual(
      ['do a', 'do b', 'do c', 'undo b', 'do e', 'undo e'].concat(['do d', 'do f', 'undo d', 'undo a']),
    );
  });

  test('the entries of an alternative that succeeded are undone with the saga, those already undone are not', async () => {
    const world = new World().script('do c', 'refuse');
    const { report } = await harness.run(
      world,
      seq(run('a'), savePoint(seq(run('b'), run('c')), run('d')), run('e'), fail('NO')),
    );
    expect(world.attempts).toEqual([
      'do a',
      'do b',
      'do c',
      'undo b',
      'do d',
      'do e',
      'undo e',
      'undo d',
      'undo a',
    ]);
    expect(states(report)).toMatchObject({ a: 'compensated', b: 'compensated', d: 'compensated' });
  });
});

describe('S9 nested save-points', () => {
  test('the inner one fails: the outer goes on', async () => {
    const world = new World().script('do c', 'refuse');
    const { result } = await harness.run(
      world,
      savePoint(seq(run('a'), savePoint(seq(run('b'), run('c')), run('d')), run('e')), run('never')),
    );
    expect(result).toEqual(['a', 'b', 'd', 'e']);
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'undo b', 'do d', 'do e']);
  });

  test('the outer one fails: what the inner did and kept is undone with it', async () => {
    const world = new World().script('do d', 'refuse');
    await harness.run(
      world,
      seq(run('a'), savePoint(seq(run('b'), savePoint(run('c')), run('d')), run('e'))),
    );
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'do d', 'undo c', 'undo b', 'do e']);
  });

  test('the outer one fails while the inner unwinds: each entry is undone once, and the inner has no alternative', async () => {
    const world = new World().script('do c', 'refuse').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        savePoint(
          seq(
            run('a'),
            par(savePoint(seq(run('b'), run('c')), run('never')), seq(wait('go'), run('x'), fail('NO'))),
          ),
          run('e'),
        ),
      );
      await world.arrived('undo b');
      await handle.signal('signal', 'go');
      await harness.until(handle, (report) => states(report).x === 'succeeded');
      expect(world.attempts).not.toContain('undo x');
      world.release('undo b');
      expect((await ended(handle)).result).toEqual(['a', 'b', 'x', 'e']);
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'undo b', 'do x', 'undo x', 'undo a', 'do e']);
  });
});

describe('S9 save-points side by side', () => {
  test('one fails and goes on another way, and disturbs nothing of the other or of the saga', async () => {
    const world = new World().script('do c', 'refuse').script('do x', 'held').script('do y', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        par(savePoint(seq(run('b'), run('c')), run('d')), savePoint(run('x'), run('never')), run('y')),
      );
      await harness.until(handle, (report) => states(report).d === 'succeeded');
      expect(states(await harness.report(handle))).toMatchObject({
        b: 'compensated',
        x: 'running',
        y: 'running',
      });
      world.release('do x');
      world.release('do y');
      const { result, report } = await ended(handle);
      expect(result?.toSorted()).toEqual(['b', 'd', 'x', 'y']);
      expect(report.status).toBe('completed');
    });
    expect(world.attempts.filter((operation) => operation.startsWith('undo'))).toEqual(['undo b']);
  });

  test('both unwind at the same time', async () => {
    const world = new World().script('undo a', 'held').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        par(savePoint(seq(run('a'), fail('NO')), run('c')), savePoint(seq(run('b'), fail('NO')), run('d'))),
      );
      await world.arrived('undo a', 'undo b');
      world.release('undo b');
      await world.arrived('do d');
      expect(world.attempts).not.toContain('do c');
      world.release('undo a');
      expect((await ended(handle)).result?.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    });
  });

  test('the saga fails while a save-point unwinds: its unwinding waits, and undoes the rest', async () => {
    const world = new World().script('do c', 'refuse').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(run('a'), par(savePoint(seq(run('b'), run('c')), run('never')), seq(wait('go'), fail('NO')))),
      );
      await world.arrived('undo b');
      await handle.signal('signal', 'go');
      await harness.until(handle, (report) => report.status === 'unwinding');
      expect(world.attempts).not.toContain('undo a');
      world.release('undo b');
      expect(states((await ended(handle)).report)).toEqual({
        a: 'compensated',
        b: 'compensated',
        c: 'refused',
      });
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'undo b', 'undo a']);
  });
});

describe('S3 in a save-point', () => {
  test('nothing of it is compensated while one of its actions is in flight; a branch that goes on gets no answer', async () => {
    const world = new World().script('do d', 'held').script('do c', 'refuse').script('do x', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        par(savePoint(seq(run('b'), par(seq(run('d'), run('never')), run('c'))), run('e')), run('x')),
      );
      await world.arrived('do x', 'do d');
      await harness.until(handle, (report) => states(report).c === 'refused');
      expect(world.attempts).not.toContain('undo b');
      world.release('do d');
      await world.arrived('do e');
      world.release('do x');
      const end = await ended(handle);
      expect(states(end.report)).toMatchObject({ b: 'compensated', d: 'compensated', x: 'succeeded' });
      expect(await failedTasks(end)).toBe(0);
    });
    expect(world.attempts).not.toContain('do never');
    expect(at(world, 'undo b')).toBeGreaterThan(at(world, 'undo d'));
    expect(at(world, 'do e')).toBeGreaterThan(at(world, 'undo b'));
  });

  test('what is in flight in it is asked to cancel, and what is in flight outside is not', async () => {
    const outside: Program = run('x');
    const world = new World()
      .script('do d', 'effect-then-timeout')
      .script('do c', 'refuse')
      .script('do x', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        par(outside, savePoint(par(run('d'), seq(wait('go'), run('c'))), run('e'))),
      );
      await world.arrived('do d', 'do x');
      await handle.signal('signal', 'go');
      await world.arrived('do e');
      const { events } = await handle.fetchHistory();
      const asked = (events ?? []).filter((event) => event.activityTaskCancelRequestedEventAttributes);
      expect(asked).toHaveLength(1);
      world.release('do x');
      expect(states((await ended(handle)).report)).toEqual({
        x: 'succeeded',
        d: 'compensated',
        c: 'refused',
        e: 'succeeded',
      });
    });
  });

  test('a branch that nobody waits for any more may fail in a failed save-point: it disturbs nothing', async () => {
    const world = new World().script('do b', 'held-then-refuse').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(
          savePoint(
            seq(fork(run('b')), fork(seq(wait('go'), savePoint(fail('NO')))), run('a'), run('c')),
            run('d'),
          ),
          wait('end'),
          pivot('p'),
        ),
      );
      await harness.until(handle, (report) => states(report).c === 'refused');
      world.release('do b');
      await world.arrived('do d');
      await handle.signal('signal', 'go');
      await handle.signal('signal', 'end');
      const end = await ended(handle);
      expect(end.result).toEqual(['a', 'd', 'p']);
      expect(await failedTasks(end)).toBe(0);
    });
  });
});

describe('S8 a cancel', () => {
  test('during the unwinding of a save-point: what is being undone is finished, and the rest is undone with the whole saga', async () => {
    const world = new World().script('do d', 'refuse').script('undo c', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(run('a'), savePoint(seq(run('b'), run('c'), run('d')), run('never'))),
      );
      await world.arrived('undo c');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'unwound');
      expect(world.attempts).not.toContain('undo a');
      world.release('undo c');
      expect((await ended(handle)).report).toMatchObject({
        status: 'cancelled',
        reason: { code: 'CANCELLED' },
      });
    });
    expect(world.attempts).toEqual(['do a', 'do b', 'do c', 'do d', 'undo c', 'undo b', 'undo a']);
    expect(world.undone.get('c')?.reason).toBe('NO');
    expect(world.undone.get('b')?.reason).toBe('CANCELLED');
    expect(world.undone.get('a')?.reason).toBe('CANCELLED');
  });

  test('before a failed save-point began to unwind: the saga undoes it, in the order of the whole', async () => {
    const world = new World().script('do d', 'held').script('do c', 'refuse');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        par(
          savePoint(seq(run('b'), par(run('d'), run('c'))), run('never')),
          seq(wait('go'), run('x'), wait('-')),
        ),
      );
      await harness.until(handle, (report) => states(report).c === 'refused');
      await handle.signal('signal', 'go');
      await harness.until(handle, (report) => states(report).x === 'succeeded');
      await handle.cancel();
      await harness.until(handle, (report) => report.cancel?.effect === 'unwound');
      world.release('do d');
      const end = await ended(handle);
      expect(end.report.status).toBe('cancelled');
      // Of an activity that is asked to cancel twice, SDK core makes an error of determinism.
      expect(await failedTasks(end)).toBe(0);
    });
    expect(at(world, 'undo b')).toBeGreaterThan(at(world, 'undo x'));
    expect(world.undone.get('b')?.reason).toBe('CANCELLED');
    expect(world.attempts).not.toContain('do never');
    expect(world.attempts.toSorted()).toEqual([...new Set(world.attempts)].toSorted());
  });
});

describe('S9 the end of a saga', () => {
  test('a saga does not complete while a save-point that its body does not wait for unwinds', async () => {
    const world = new World().script('do c', 'refuse').script('undo b', 'held');
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(
        seq(fork(savePoint(seq(run('b'), run('c')), run('d'))), wait('go'), run('x')),
      );
      await world.arrived('undo b');
      await handle.signal('signal', 'go');
      await harness.until(handle, (report) => states(report).x === 'succeeded');
      expect((await handle.describe()).status.name).toBe('RUNNING');
      world.release('undo b');
      expect(states((await ended(handle)).report)).toMatchObject({ b: 'compensated', d: 'succeeded' });
    });
  });
});

describe('S12 what fails the workflow task', () => {
  async function failsItsTask(program: Program, expected: RegExp, operations: string[]): Promise<void> {
    const world = new World();
    await harness.withWorkers(world, async () => {
      const handle = await harness.start(program);
      expect(await taskFailure(handle)).toMatch(expected);
      expect(world.attempts).toEqual(operations);
      await handle.terminate('the test has seen it');
    });
  }

  test('a TypeError behind a save-point undoes nothing and begins no alternative', async () => {
    await failsItsTask(savePoint(seq(run('a'), fail('TypeError')), run('b')), /a bug in the body/, ['do a']);
  });

  test('a pivot that begins while a save-point is open', async () => {
    await failsItsTask(
      seq(run('a'), savePoint(pivot('p'), run('b'))),
      /PIVOT_WITH_STEPS_IN_FLIGHT.*save-point/,
      ['do a'],
    );
  });

  test('a save-point after the pivot', async () => {
    await failsItsTask(seq(pivot('p'), savePoint(run('b'))), /STEP_AFTER_PIVOT/, ['do p']);
  });
});

test('S6, S9 a skip behind a save-point: the saga completes, and visibility shows that it leaves something', async () => {
  const world = new World().script('do b', 'refuse').script('undo a', 'permanent');
  await harness.withWorkers(world, async () => {
    const handle = await harness.start(seq(savePoint(seq(run('a'), run('b')), run('c')), pivot('p')));
    await harness.until(handle, ({ status }) => status === 'stuck');
    const decision = { step: 'a', actor: 'ada', reason: 'it may stand' };
    await handle.executeUpdate(skipStep, { args: [decision] });
    await handle.result();
    const { typedSearchAttributes } = await handle.describe();
    expect(typedSearchAttributes.get(sagaStatusAttribute)).toBe('PARTLY_COMPENSATED');
  });
  expect(world.effects).toEqual(['do a', 'do c', 'do p']);
});
