import type { ContenderProcess } from './child-process';
import type { Request } from './protocol';

/**
 * How long a contender is under load before what is counted begins. It has rested while the others had their turns, and after a minute of
 * rest an order of `express/barrier` took a fifth more of the worker's CPU time than in the next load.
 */
const UNCOUNTED_SECONDS = 4;

/** Puts a contender under the load that comes next, for a time that does not count. */
export async function heat(child: ContenderProcess, request: Request): Promise<void> {
  const { concurrency, prefix } = request;
  await child.run({
    ...request,
    orders: concurrency,
    seconds: UNCOUNTED_SECONDS,
    prefix: `${prefix}-uncounted`,
  });
}
