import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { Cached } from '../../src/console/cached';

let now = 0;
beforeEach(() => {
  now = 1_000_000;
  jest.spyOn(Date, 'now').mockImplementation(() => now);
});
afterEach(() => {
  jest.restoreAllMocks();
});

let reads = 0;
const taking = (ms: number) => async () => {
  now += ms;
  return await Promise.resolve(++reads);
};

describe('what the console has read', () => {
  test.each([
    { took: 0, kept: 2_000 },
    { took: 1_000, kept: 10_000 },
    { took: 30_000, kept: 60_000 },
  ])('is kept for $kept ms where it took $took ms', async ({ took, kept }) => {
    const cached = new Cached<number>(2_000);
    const first = await cached.get('key', taking(took));
    now += kept - 1;
    expect(await cached.get('key', taking(0))).toBe(first);
    now += 1;
    expect(await cached.get('key', taking(0))).toBe(first + 1);
  });

  test('is read once for all that ask at the same time', async () => {
    const cached = new Cached<number>(2_000, () => false);
    const [one, other] = await Promise.all([cached.get('key', taking(0)), cached.get('key', taking(0))]);
    expect(other).toBe(one);
  });

  test('is not kept where it failed, or is not whole', async () => {
    const cached = new Cached<number>(2_000, () => false);
    await expect(cached.get('key', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    const first = await cached.get('key', taking(0));
    expect(await cached.get('key', taking(0))).toBe(first + 1);
  });
});
