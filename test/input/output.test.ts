import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { printableJson } from '../../src/cli/printable';
import { strangeText } from '../support/strange';

const STEERING = /[\u0080-\u009f\u007f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u;

test('JSON that the command line prints does not steer the terminal, and is what it was', () => {
  fc.assert(
    fc.property(
      strangeText,
      fc.constantFrom('', '\u009b2J', '\u202e', '\u200f', '\u0085'),
      (text, steering) => {
        const value = { [text + steering]: [steering + text, null, 7] };
        const json = printableJson(value, 2);
        expect(json).not.toMatch(STEERING);
        expect(JSON.parse(json)).toEqual(value);
      },
    ),
    { numRuns: 1_000 },
  );
  expect(printableJson('\u009b2J')).toBe('"\\u009b2J"');
  expect(printableJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
});
