/**
 * How large a test is that takes long because it is large: `npm run verify` runs it at its full size.
 * @param full with `UNWIND_TEST_SIZE=full`.
 */
export function sized(full: number, otherwise: number): number {
  return process.env['UNWIND_TEST_SIZE'] === 'full' ? full : otherwise;
}
