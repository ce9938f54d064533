import { expect, test } from '@jest/globals';
import { runCommand } from '../support/command';
import { faultNames } from './options';
import type { Summary } from './summary';

const sagas = 60;

test('nothing is lost while everything is killed, frozen, cut off, repeated, cancelled and stuck', async () => {
  const { code, out, err } = await runCommand('chaos', '--sagas', `${sagas}`, '--seed', '11', '--json');
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
