import { describe, expect, test } from '@jest/globals';
import { startCommand } from '../support/command';
import { faultNames } from './options';
import { planOrders } from './plan/plan';
import { planOutsideFaults } from './plan/outside-faults';
import { sized } from '../support/size';
import type { Summary } from './summary';

async function run(...args: string[]) {
  const { said, exited } = startCommand('chaos', args);
  const code = await exited;
  return { code, ...said };
}

const sagas = sized(60, 40);

test('nothing is lost while everything is killed, frozen, cut off, repeated, cancelled and stuck', async () => {
  const { code, out, err } = await run('--sagas', `${sagas}`, '--seed', '11', '--json');
  const lines = out.trimEnd().split('\n');
  const summary = JSON.parse(lines.at(-1) ?? '') as Summary;
  // What the run itself said comes first where it fails.
  expect({ violations: summary.violations, lost: summary.lost, code, err: code === 0 ? '' : err }).toEqual({
    violations: [],
    lost: 0,
    code: 0,
    err: '',
  });
  expect(lines).toHaveLength(1);
  const { seed, started, completed, compensated, cancelled, stuck, faultsFired } = summary;
  expect({ seed, started, stuck }).toEqual({ seed: 11, started: sagas, stuck: 0 });
  expect(completed + compensated + cancelled).toBe(sagas);
  expect(Math.min(completed, compensated, cancelled)).toBeGreaterThan(0);
  expect(Object.keys(faultsFired).toSorted()).toEqual([...faultNames].toSorted());
  expect(Math.min(...Object.values(faultsFired))).toBeGreaterThan(0);
}, 400_000);

describe('arguments that break their rule start nothing', () => {
  test.each([
    [['--sagas', '19'], '--sagas must be a whole number from 20 to 10000'],
    [['--sagas', '1e3'], '--sagas must be a whole number from 20 to 10000'],
    [['--seed', '-1'], '--seed'],
    [['--faults', 'kill-worker,rain'], '--faults must be "none", or some of kill-worker,'],
    [['--style', 'none'], '--style must be unwind or sample'],
    [['--often'], '--often'],
  ])('%j', async (args, message) => {
    const { code, out, err } = await run(...args, '--json');
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
