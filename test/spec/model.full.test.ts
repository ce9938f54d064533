import { beforeAll, describe, expect, test } from '@jest/globals';
import { check, type Checked } from './quint';
import { checks, invariants, twins } from './rules';

let checked: Checked;
beforeAll(async () => {
  checked = await check(checks(1, 400));
}, 300_000);

test('the model of the rules keeps every invariant', () => {
  if (checked.refuted[0]) throw new Error(checked.output);
});

describe('the model without one rule', () => {
  test.each(twins.map(([twin, breaks], index) => ({ twin, breaks, index })))(
    '$twin: breaks $breaks',
    ({ index }) => {
      expect(checked.refuted[1 + index]).toBe(true);
    },
  );

  test('every invariant is broken by one of them', () => {
    expect([...new Set(twins.map(([, breaks]) => breaks))].sort()).toEqual([...invariants].sort());
  });
});
