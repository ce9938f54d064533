import type { ContenderProcess } from './child-process';
import { takesPart } from './samples';

/**
 * Orders of each kind. Node compiles functions for about the first thousand orders of a process, and the more code a contender has, the
 * longer: seen with `--trace-opt`.
 */
const ORDERS = 600;
const CONCURRENCY = 60;

/** Has a contender fulfil orders of each kind, so that what is compiled and connected at the first ones is no part of what is measured. */
export async function warmUp(child: ContenderProcess, prefix: string): Promise<void> {
  const kinds = [
    { prefix, path: 'happy' },
    { prefix: `${prefix}-refused`, path: 'compensated' },
  ] as const;
  for (const kind of kinds)
    if (takesPart(child, kind)) await child.run({ ...kind, orders: ORDERS, concurrency: CONCURRENCY });
}
