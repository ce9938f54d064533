import { describe, expect, test } from '@jest/globals';
import { runCommand } from '../support/command';
import { faultNames } from './options';
import { planOrders } from './plan/plan';
import { planOutsideFaults } from './plan/outside-faults';

describe('arguments that break their rule start nothing', () => {
  test.each([
    [['--sagas', '19'], '--sagas must be a whole number from 20 to 10000'],
    [['--sagas', '1e3'], '--sagas must be a whole number from 20 to 10000'],
    [['--seed', '-1'], '--seed'],
    [['--faults', 'kill-worker,rain'], '--faults must be "none", or some of kill-worker,'],
    [['--style', 'none'], '--style must be unwind or sample'],
    [['--often'], '--often'],
  ])('%j', async (args, message) => {
    const { code, out, err } = await runCommand('chaos', ...args, '--json');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('INVALID_OPTION: ');
    expect(err).toContain(message);
  });
});

describe('the seed says what happens', () => {
  test('the same seed plans the same, another one something else', () => {
    expect(planOrders(60, 5, faultNames)).toEqual(planOrders(60, 5, faultNames));
    expect(planOrders(60, 5, faultNames)).not.toEqual(planOrders(60, 6, faultNames));
    expect(planOutsideFaults('kill-worker', 5, 9)).toEqual(planOutsideFaults('kill-worker', 5, 9));
  });

  test.each([1, 2, 3, 4])('forty orders meet every end and every fault (seed %i)', (seed) => {
    const plan = planOrders(40, seed, faultNames);
    const activityFaults = new Set(
      plan.flatMap((planned) => planned.activityFaults.map(({ fault }) => fault)),
    );
    expect([...activityFaults].toSorted()).toEqual(['crash-after-commit', 'duplicate', 'stuck']);
    expect(new Set(plan.map(({ intent }) => intent)).size).toBe(4);
  });

  test('faults that are not asked for are not planned', () => {
    const plan = planOrders(60, 5, ['kill-worker']);
    expect(plan.flatMap(({ activityFaults }) => activityFaults)).toEqual([]);
    expect(plan.some(({ act }) => act?.what === 'cancel')).toBe(false);
    expect(plan.some(({ intent }) => intent === 'cancelled' || intent === 'either')).toBe(false);
  });
});
