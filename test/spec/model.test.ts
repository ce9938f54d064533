import { beforeAll, describe, expect, test } from '@jest/globals';
import { check, type Checked } from './quint';
import { checks, twins } from './rules';

let checked: Checked;
beforeAll(async () => {
  checked = await check(checks(1, 400));
}, 300_000);

test('the model of the rules keeps every invariant', () => {
  if (checked.refuted[0]) throw new Error(checked.output);
});

describe('the model without one rule', () => {
  test.each(twins)('%s: breaks %s', (twin) => {
    expect(checked.refuted[1 + twins.findIndex(([name]) => name === twin)]).toBe(true);
  });
});
