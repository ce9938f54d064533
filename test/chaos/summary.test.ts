import { describe, expect, test } from '@jest/globals';
import { faultNames } from './options';
import { planOrders } from './plan/plan';
import { perThousand, shortfalls, type Summary } from './summary';

const plan = planOrders(40, 1, faultNames);
const eventful: Summary = {
  seed: 1,
  started: 40,
  completed: 20,
  compensated: 14,
  cancelled: 6,
  stuck: 0,
  lost: 0,
  violations: [],
  faultsFired: Object.fromEntries(faultNames.map((fault) => [fault, 40])),
};

describe('a run in which too little happened shows nothing', () => {
  test('one in which enough happened has no shortfall', () => {
    expect(shortfalls(eventful, plan, faultNames)).toEqual([]);
  });

  test.each(['completed', 'compensated', 'cancelled'] as const)('no saga ended %s', (end) => {
    const found = shortfalls({ ...eventful, [end]: 0 }, plan, faultNames);
    expect(found).toEqual([expect.stringMatching(`^${end}: at least \\d+ wanted, 0 seen$`)]);
  });

  test('an order was not started', () => {
    expect(shortfalls({ ...eventful, started: 39 }, plan, faultNames)).toEqual([
      'started: at least 40 wanted, 39 seen',
    ]);
  });

  test.each(faultNames)('%s never struck', (fault) => {
    const faultsFired = { ...eventful.faultsFired, [fault]: 0 };
    const found = shortfalls({ ...eventful, faultsFired }, plan, faultNames);
    expect(found).toEqual([expect.stringMatching(`^${fault}: at least \\d+ wanted, 0 seen$`)]);
    expect(shortfalls({ ...eventful, faultsFired }, plan, [])).toEqual([]);
  });
});

test('violations are counted by kind, for each thousand sagas', () => {
  const violations = ['left-behind: a: x', 'left-behind: b: y', 'done-twice: c: z'];
  expect(perThousand({ ...eventful, started: 400, violations })).toEqual({
    'left-behind': 5,
    'done-twice': 2.5,
  });
});
