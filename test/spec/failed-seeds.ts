import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ledger = join(__dirname, 'failed-seeds.json');

/** The seeds for which model and code have ever disagreed. They are run for ever. */
export function failedSeeds(): readonly number[] {
  return JSON.parse(readFileSync(ledger, 'utf8')) as number[];
}

/** Keeps a seed; to be committed. */
export function keepSeed(seed: number): void {
  const seeds = new Set([...failedSeeds(), seed]);
  writeFileSync(ledger, `${JSON.stringify([...seeds])}\n`);
}
