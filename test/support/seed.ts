/** A seed, and what repeats its run: `UNWIND_TEST_SEED=<seed> npm test -- <file>`. @param file which says it */
export function printedSeed(file: string): number {
  const seed = Number(process.env['UNWIND_TEST_SEED'] ?? Date.now() % 1_000_000);
  process.stderr.write(`${file}: UNWIND_TEST_SEED=${seed}\n`);
  return seed;
}
