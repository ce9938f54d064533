import { describe } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Supervisor } from '../../dev/supervisor';
import { startPgbouncer } from './pgbouncer';
import { findPgbouncer, type PgbouncerBinary } from './pgbouncer-binary';

/** Tests that need a pgbouncer; where none can be had they are skipped, and the reason is printed. */
export function poolerTests(name: string, tests: (binary: PgbouncerBinary) => void): void {
  const found = findPgbouncer();
  const isMissing = typeof found === 'string';
  if (isMissing) process.stderr.write(`Skipped: ${name}: ${found}\n`);
  (isMissing ? describe.skip : describe)(name, () => {
    tests(found as PgbouncerBinary);
  });
}

/** A pgbouncer of its own; the caller stops it. */
export async function openPooler(binary: PgbouncerBinary, urls: readonly string[], poolSize: number) {
  const directory = mkdtempSync(join(tmpdir(), 'unwind-pgbouncer-'));
  const supervisor = new Supervisor();
  supervisor.onStop('the directory', () => rmSync(directory, { recursive: true }));
  const through = await startPgbouncer({
    ...{ binary, urls, poolSize, directory, signal: supervisor.signal },
    start: (spec) => supervisor.start(spec),
  });
  return { through, stop: () => supervisor.stop() };
}
