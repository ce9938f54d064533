import type { MatrixResult } from '../../src/testing';

/** The results of several parts as one. */
export function summed(results: readonly MatrixResult[]): MatrixResult {
  return {
    cases: results.reduce((sum, { cases }) => sum + cases, 0),
    violations: results.flatMap(({ violations }) => violations),
    byFault: counts(results.map(({ byFault }) => byFault)),
    byOutcome: counts(results.map(({ byOutcome }) => byOutcome)),
    notFired: results.flatMap(({ notFired }) => notFired),
  };
}

function counts(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sum: Record<string, number> = {};
  for (const [key, value] of all.flatMap((one) => Object.entries(one))) sum[key] = (sum[key] ?? 0) + value;
  return sum;
}
