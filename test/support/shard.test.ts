import { expect, test } from '@jest/globals';
import { partOf, shardFrom } from './shard';

const items = Array.from({ length: 10 }, (_, index) => index);

test('the parts together are all of it, and nothing twice', () => {
  const parts = [1, 2, 3].map((index) => partOf(items, shardFrom([`--shard=${index}/3`])));
  expect(parts.flat().toSorted((a, b) => a - b)).toEqual(items);
  expect(parts.map(({ length }) => length)).toEqual([4, 3, 3]);
  expect(partOf(items, shardFrom(['S17', '--json']))).toEqual(items);
});

test.each(['--shard', '--shard=0/3', '--shard=4/3', '--shard=1', '--shard=a/b'])(
  '%s is refused',
  (argument) => {
    expect(() => shardFrom([argument])).toThrow('--shard=2/4');
  },
);
