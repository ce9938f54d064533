import { plainName } from '../contenders/contender';
import type { Options } from '../options';
import { restServers } from '../servers/rest';
import type { BenchServers } from '../servers/servers';
import type { ContenderProcess } from './child-process';
import { heat } from './heat';
import { inOrderOf } from './opposite-order';
import { type Spread, spreadOf } from './statistics';

/** CPU time of a worker, in milliseconds an order, while another contender has as many orders under way: by that one. */
export type Beside = Readonly<Record<string, Spread>>;

/** They differ in one thing alone: the library, or the barrier. */
const PAIRS = [
  ['saga-queue', 'by-hand'],
  ['express', 'by-hand-local'],
  ['express/barrier', 'express'],
] as const;
/** Loads of a pair in a round. */
const LOADS = 3;

/**
 * Loads both contenders of a pair at once, so that what changes on the machine meets them in the same second: how fast it is changes
 * by a third within a minute, and in loads that follow each other the ratio with it. How many orders end says nothing here, as a contender that
 * waits less often for the servers ends more.
 * @returns by contender; without pairs of which one does not take part.
 */
export async function workersBeside(
  processes: ReadonlyMap<string, ContenderProcess>,
  servers: BenchServers,
  { rounds, seconds, concurrency }: Options,
  progress: (line: string) => void,
): Promise<ReadonlyMap<string, Beside>> {
  const half = Math.ceil((concurrency.at(-1) ?? 1) / 2);
  const found = new Map<string, Beside>();
  for (const pair of PAIRS) {
    const sides = pair.flatMap((name) => {
      const child = processes.get(name);
      return child ? [{ name, child, ms: [] as number[] }] : [];
    });
    if (sides.length < pair.length) continue;
    const label = pair.join(' beside ');
    for (let time = 1; time <= LOADS * rounds; time++) {
      progress(`${label}: ${time} of ${LOADS * rounds}`);
      await restServers(servers);
      const loads = inOrderOf(time, sides).map(({ name, child, ms }) => {
        const prefix = plainName(`${name}-in-${pair.join('-')}-${time}`);
        const request = { prefix, orders: half, seconds, concurrency: half, path: 'happy' } as const;
        return { child, ms, request };
      });
      await Promise.all(loads.map(({ child, request }) => heat(child, request)));
      const run = async ({ child, ms, request }: (typeof loads)[number]) => {
        const { cpuMs, ends } = await child.run(request);
        ms.push(cpuMs / ends.length);
      };
      await Promise.all(loads.map(run));
    }
    for (const { name, ms } of sides) {
      const [other = ''] = pair.filter((side) => side !== name);
      found.set(name, { ...found.get(name), [other]: spreadOf(ms) });
    }
  }
  return found;
}
