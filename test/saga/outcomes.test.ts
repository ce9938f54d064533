import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { WorkflowFailedError } from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import { timeSkippingServer } from '../support/temporal';
import { Harness, states } from './harness';
import { attempt, fail, irreversible, par, pivot, run, seq } from './program';
import { World } from './world';

let harness: Harness;
beforeAll(async () => {
  harness = await Harness.start(await timeSkippingServer());
});
afterAll(async () => await harness.stop());

describe('S1 the compensation is on the stack before its action is called', () => {
  test('an action that happens and then times out is compensated', async () => {
    const world = new World().script('do b', 'effect-then-timeout', 'effect-then-timeout');
    const { report } = await harness.run(world, seq(run('a'), run('b'), run('c')));
    expect(states(report)).toEqual({ a: 'compensated', b: 'compensated' });
    expect(world.effects).toEqual(['do a', 'do b', 'undo b', 'undo a']);
    expect(report.steps[1]?.failure?.code).toBe('TIMEOUT');
  });
});

describe('S2 three outcomes', () => {
  test('a succeeded step is compensated with its input and output', async () => {
    const world = new World();
    await harness.run(world, seq(run('a'), fail('NO')));
    expect(world.undone.get('a')).toEqual({ input: { step: 'a' }, output: { did: 'a' }, reason: 'NO' });
  });

  test('a refused step leaves the stack: it is not compensated', async () => {
    const world = new World().script('do b', 'refuse');
    const { report } = await harness.run(world, seq(run('a'), run('b')));
    expect(states(report)).toEqual({ a: 'compensated', b: 'refused' });
    expect(world.attempts).toEqual(['do a', 'do b', 'undo a']);
  });

  test('a step whose attempts are used up is unknown: it is compensated, without an output', async () => {
    const world = new World().script('do b', 'transient', 'transient');
    const { report } = await harness.run(world, seq(run('a'), run('b')));
    expect(world.attempts).toEqual(['do a', 'do b', 'do b', 'undo b', 'undo a']);
    expect(world.undone.get('b')).toEqual({ input: { step: 'b' }, reason: 'STEP_UNKNOWN' });
    expect(report.reason).toMatchObject({ code: 'STEP_UNKNOWN', step: 'b' });
  });

  test('a failure that is no declared refusal is unknown, even when it is not retryable', async () => {
    const world = new World().script('do b', 'permanent');
    const { report } = await harness.run(world, seq(run('a'), run('b')));
    expect(states(report)).toEqual({ a: 'compensated', b: 'compensated' });
    expect(report.steps[1]?.failure).toEqual({ code: 'BROKEN', message: 'b is broken' });
  });

  test('a transient failure is retried within the step', async () => {
    const world = new World().script('do a', 'transient');
    const { result } = await harness.run(world, run('a'));
    expect(result).toEqual(['a']);
  });
});

describe('an irreversible step', () => {
  test('stands when the saga unwinds, which then ends partly compensated, with the reason for it', async () => {
    const world = new World();
    const { report } = await harness.run(world, seq(run('a'), irreversible('letter'), fail('NO')));
    expect(report.status).toBe('partly-compensated');
    expect(report.steps[1]).toMatchObject({ state: 'succeeded', irreversible: 'a letter is a letter' });
    expect(world.effects).toEqual(['do a', 'do letter', 'undo a']);
  });

  test('that was refused leaves nothing: the saga is compensated', async () => {
    const world = new World().script('do letter', 'refuse');
    const { report } = await harness.run(world, seq(run('a'), irreversible('letter')));
    expect(report.status).toBe('compensated');
  });
});

describe('S9 a caught failure', () => {
  test('of an unknown step is compensated before the pivot begins', async () => {
    const world = new World().script('do b', 'permanent');
    const { result } = await harness.run(world, seq(run('a'), attempt(run('b')), pivot('p')));
    expect(world.effects).toEqual(['do a', 'undo b', 'do p']);
    expect(result).toEqual(['a', 'p']);
  });

  test('of an unknown step is compensated before the saga completes', async () => {
    const world = new World().script('do b', 'permanent');
    const { report } = await harness.run(world, seq(run('a'), attempt(run('b'))));
    expect(world.effects).toEqual(['do a', 'undo b']);
    expect(report.status).toBe('completed');
  });

  test('of a refused step needs nothing', async () => {
    const world = new World().script('do b', 'refuse');
    const { result } = await harness.run(world, seq(attempt(run('b')), run('c')));
    expect(result).toEqual(['c']);
    expect(world.attempts).toEqual(['do b', 'do c']);
  });
});

describe('S16 a compensated saga', () => {
  test('fails with the refusal code, benign, and its report in the details', async () => {
    const world = new World().script('do b', 'refuse');
    const { error, report } = await harness.run(world, seq(par(run('a')), run('b')));
    const cause = (error as WorkflowFailedError).cause as ApplicationFailure;
    expect(cause).toMatchObject({ type: 'NO', message: 'b says no', nonRetryable: true, category: 'BENIGN' });
    expect(cause.details).toEqual([report]);
    // Which line of the engine has made it says nothing.
    expect(cause.stack).toBe('');
    expect(report).toMatchObject({ status: 'compensated', reason: { code: 'NO', step: 'b' } });
  });

  test('that ended for no business reason is not benign', async () => {
    const world = new World().script('do a', 'permanent');
    const { error } = await harness.run(world, run('a'));
    const cause = (error as WorkflowFailedError).cause as ApplicationFailure;
    expect(cause).toMatchObject({ type: 'STEP_UNKNOWN' });
    expect(cause.category).toBeUndefined();
  });
});
