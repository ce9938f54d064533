import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { dryRun, findBrokenPromises, runMatrix, SagaTestKit, sagaUnderTest } from '../../src/testing';
import { timeSkippingServer } from '../support/temporal';
import * as steps from './visit';

/** @param deadlineMs what the kit is told; the workflows have none. */
const visitUnderTest = (workflow: string, deadlineMs?: number) => {
  const answer = ({ visit }: steps.Visit): steps.Done => ({ done: visit });
  return sagaUnderTest({
    definition: { ...steps.visiting(workflow), ...(deadlineMs !== undefined && { deadline: deadlineMs }) },
    steps,
    answers: { look: answer, book: answer, rent: answer, borrow: answer, pay: answer, thank: answer },
    input: (visit) => ({ visit }),
  });
};

const visit = visitUnderTest('visit');
const curious = visitUnderTest('curious');
const forgetful = visitUnderTest('forgetful');
const hasty = visitUnderTest('hasty');
const careless = visitUnderTest('careless');

const happened = (effects: readonly { op: string; step: string }[]) =>
  effects.map(({ op, step }) => `${op} ${step}`);

const workflowsPath = require.resolve('./visit-workflow');
const environments = [
  { where: 'in a simulation', begin: async () => await Promise.resolve(undefined) },
  { where: 'on a time-skipping server', begin: timeSkippingServer },
];

describe.each(environments)('$where', ({ begin }) => {
  let env: TestWorkflowEnvironment | undefined;
  let kit: SagaTestKit;
  const start = async () => {
    env = await begin();
    const sagas = [visit, curious, forgetful, hasty, careless];
    kit = await SagaTestKit.start({ workflowsPath, sagas, ...(env && { env }) });
  };
  const stop = async () => {
    await kit.stop();
    await env?.teardown();
  };

  describe('without the matrix', () => {
    beforeAll(start);
    afterAll(stop);

    describe('a dry run', () => {
      test('says at each action what would be undone if the saga failed there, and with which input', async () => {
        const steps = await dryRun(kit, visit);
        const plans = steps.map(({ at, undo: { canUnwind, waves } }) => ({
          at,
          canUnwind,
          undo: waves.map((wave) => wave.map(({ step, output }) => `${step}${output ? '' : '?'}`)),
        }));
        expect(plans).toEqual([
          { at: 'do book', canUnwind: true, undo: [['book?']] },
          { at: 'do rent', canUnwind: true, undo: [['rent?'], ['book']] },
          // The pivot is retried until it is known, and its compensation is for a reverse only.
          { at: 'do pay', canUnwind: true, undo: [['rent'], ['book']] },
          { at: 'do thank', canUnwind: false, undo: [] },
        ]);
        const input = { visit: expect.any(String) };
        expect(steps[1]?.undo.waves[1]).toEqual([
          {
            step: 'book',
            participant: 'shop',
            compensation: 'unbook',
            input,
            output: { done: expect.any(String) },
          },
        ]);
      });

      test('with a fault shows another way', async () => {
        const steps = await dryRun(kit, visit, { faults: [{ kind: 'refused', at: 'do rent' }] });
        expect(steps.map(({ at }) => at)).toContain('do borrow');
      });
    });

    describe('a run', () => {
      test('without a fault keeps a ledger of effects and breaks no promise', async () => {
        const run = await kit.run(visit);
        expect(run.outcome.kind).toBe('completed');
        expect(happened(run.effects)).toEqual(['do book', 'do rent', 'do pay', 'do thank']);
        expect(findBrokenPromises(run)).toEqual([]);
      });

      test('with a fault: what is refused has no effect, what remains is undone, and the participants are told why', async () => {
        const run = await kit.run(visit, { faults: [{ kind: 'refused', at: 'do pay' }] });
        expect(run.outcome).toMatchObject({ kind: 'compensated', reason: { code: 'NO' } });
        expect(happened(run.effects)).toEqual(['do book', 'do rent', 'undo rent', 'undo book']);
        expect(run.effects.at(-1)).toMatchObject({ reason: 'NO', input: { visit: expect.any(String) } });
      });

      test('with a compensation that never works: the saga is seen to be stuck, and is resolved at the desk', async () => {
        const faults = [
          { kind: 'refused', at: 'do pay' },
          { kind: 'compensation-never-works', at: 'undo book' },
        ] as const;
        const run = await kit.run(visit, { faults });
        expect(run).toMatchObject({ wasStuck: true, outcome: { kind: 'compensated' }, problems: [] });
        expect(run.report?.desk).toMatchObject([{ verb: 'resolve', step: 'book' }]);
      });

      test('with a lost answer: only in an express saga a read is asked again until it is known', async () => {
        const faults = [{ kind: 'unknown-after', at: 'do look' }] as const;
        expect((await kit.run(curious, { faults })).outcome.kind).toBe('compensated');
        const { outcome, notFired } = await kit.run(curious, { faults, placement: 'express' });
        expect({ kind: outcome.kind, notFired }).toEqual({ kind: 'completed', notFired: [] });
      });

      test('whose fault cannot strike says so', async () => {
        const { notFired } = await kit.run(visit, { faults: [{ kind: 'cancel', at: 'do borrow' }] });
        expect(notFired).toEqual(['cancel at do borrow']);
      });
    });

    describe('a broken saga is found', () => {
      test('a compensation that is forgotten: its effect remains in a saga that is undone', async () => {
        const { violations } = await runMatrix(kit, forgetful, { only: ['refused'] });
        expect(violations.find(({ case: name }) => name.includes('refused at do rent'))?.problems).toContain(
          'it is compensated, and book remains',
        );
      });

      test('S3 compensations in the wrong order', async () => {
        const run = await kit.run(hasty, { faults: [{ kind: 'refused', at: 'do borrow' }] });
        expect(findBrokenPromises(run)).toContain('S3: undo book did not wait for undo rent');
      });

      test('S9 a saga that completes although the answer of what it did never came', async () => {
        const run = await kit.run(careless, { faults: [{ kind: 'unknown-after', at: 'do book' }] });
        expect(run.outcome.kind).toBe('completed');
        expect(findBrokenPromises(run)).toContain(
          'it completed, and book remains although its answer never came',
        );
      });

      test('participants that act twice, or undo what never happened', async () => {
        const run = await kit.run(visit);
        const [first] = run.effects;
        if (!first) throw new Error('no effect');
        expect(findBrokenPromises({ ...run, effects: [...run.effects, first] })).toEqual([
          'do book had its effect twice',
        ]);
        const undone = { ...first, op: 'undo' as const, step: 'borrow' };
        expect(findBrokenPromises({ ...run, effects: [undone, ...run.effects] })).toEqual([
          'borrow was undone and had never happened',
        ]);
      });
    });
  });

  // A server's clock bears about twenty runs one after the other.
  describe('the matrix', () => {
    beforeAll(start);
    afterAll(stop);

    /** The server that skips time loses a workflow task now and then, the busier the machine the more often: then on another one. */
    const onWorkingServer = async <T>(work: () => Promise<T>, tries = 3): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        if (tries === 1 || !String(error).includes('the test server has lost a workflow task')) throw error;
        await stop();
        await start();
        return await onWorkingServer(work, tries - 1);
      }
    };

    test('of a sound saga: every fault strikes, also in the alternative behind a save-point, and nothing is violated', async () => {
      const { result, names } = await onWorkingServer(async () => {
        const seen: string[] = [];
        return { result: await runMatrix(kit, visit, { onCase: (name) => seen.push(name) }), names: seen };
      });
      expect(result).toMatchObject({ cases: names.length, violations: [], notFired: [] });
      expect(names).toContain('visit, participants: unknown-after at do borrow, after refused at do rent');
      expect(names).toContain('visit, participants: worker-restart at undo rent, after refused at do pay');
      expect(result.byFault).toMatchObject({ 'compensation-never-works': 3, refused: 4 });
      expect(result.byOutcome['stuck']).toBe(3);
    }, 400_000);

    test('names the cases whose fault did not strike: a deadline that the workflow does not have', async () => {
      const { cases, notFired } = await runMatrix(kit, visitUnderTest('visit', 60_000), {
        only: ['deadline'],
      });
      expect(notFired).toContain('visit, participants: deadline at do book');
      expect(notFired.length).toBeLessThan(cases);
    });
  });
});
