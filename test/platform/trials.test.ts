import { expect, test } from '@jest/globals';
import { trials } from '../../dev/trials';

const DAY_MS = 86_400_000;
const [tests, matrix, onServers, bench, mutants] = trials();

test('what a trial says in its last line is counted', () => {
  expect(tests?.count('1059 passed, 2 failed')).toEqual({ passed: 1059, failed: 2 });
  // A case that broke the promise and did not meet its fault is one case.
  const summary = { cases: 10, violations: [{ case: 'a' }, { case: 'b' }], notFired: ['b', 'c'] };
  expect(matrix?.count(JSON.stringify(summary))).toEqual({ passed: 7, failed: 3 });
  expect(bench?.count('13 passed, 1 failed')).toEqual({ passed: 13, failed: 1 });
  expect(mutants?.count('{"mutants":4,"killed":3,"survived":["m"]}')).toEqual({ passed: 3, failed: 1 });
});

test('six days in a row try all mutants', () => {
  const commands = [0, 1, 2, 3, 4, 5].map((day) => trials(day * DAY_MS).at(-1)?.command);
  expect(new Set(commands)).toEqual(
    new Set([1, 2, 3, 4, 5, 6].map((part) => `npm run test:mutants -- --shard=${part}/6`)),
  );
});

test('five days in a row run the whole matrix on servers', () => {
  const commands = [0, 1, 2, 3, 4].map((day) => trials(day * DAY_MS).at(2)?.command);
  expect(new Set(commands)).toEqual(
    new Set(
      [1, 2, 3, 4, 5].map((part) => `npm run test:matrix -- --no-explorer --on-servers --shard=${part}/5`),
    ),
  );
  expect(onServers?.count('{"cases":1,"violations":[],"notFired":[]}')).toEqual({ passed: 1, failed: 0 });
});

test('the tests run at their full size', () => {
  expect(tests?.command).toContain('UNWIND_TEST_SIZE=full');
  expect(tests?.env).toEqual({ UNWIND_TEST_SIZE: 'full' });
});
