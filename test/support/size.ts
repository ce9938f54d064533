/**
 * How much a test that can be larger or smaller tries: `npm run verify` runs it at its full size. A test that is only worth
 * running at full size is in a file of its own, `*.full.test.ts`.
 * @param full with `UNWIND_TEST_SIZE=full`.
 */
export function sized<T>(full: T, otherwise: T): T {
  return process.env['UNWIND_TEST_SIZE'] === 'full' ? full : otherwise;
}
