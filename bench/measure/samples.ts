import { plainName } from '../contenders/contender';
import { restServers } from '../servers/rest';
import type { BenchServers } from '../servers/servers';
import type { Options } from '../options';
import type { ContenderProcess } from './child-process';
import { cpuMsOf } from './cpu';
import type { Load, Request } from './protocol';
import { quantile, type Spread, spreadOf, steadyRate } from './statistics';

/** How long orders take, in milliseconds. */
export interface Latency {
  readonly p50: Spread;
  readonly p95: Spread;
  readonly p99: Spread;
}

/** What one contender has shown under orders. */
export interface Samples {
  /** Orders a second while so many are under way, by how many. */
  readonly throughput: Readonly<Record<string, Spread>>;
  /** The same where each order is refused at its last step, and compensated. */
  readonly compensated?: Spread;
  readonly alone: Latency;
  readonly underLoad: Latency;
  /** When the customer of an order that is alone knew that it is accepted: at its end, where nobody tells earlier. */
  readonly firstAnswer: Spread;
  /** CPU time of an order under load, in milliseconds, by process. */
  readonly cpu: Readonly<Record<string, Spread>>;
}

/** One kind of load. In a round all contenders have it, one after the other, before the next kind. */
interface Turn extends Omit<Request, 'prefix'> {
  readonly name: string;
}

/** What a contender has shown in a turn; CPU time is of an order, in milliseconds, by process. */
interface Taken extends Load {
  /** Orders that ended in a second while all places were taken. */
  readonly perSecond: number;
  readonly cpu: Readonly<Record<string, number>>;
}

/** By the turn's name, in the order in which they were taken. */
type Takes = Map<string, Taken[]>;

const ALONE = 'alone';
const EARLY = 'early';
const REFUSED = 'refused';
const at = (concurrency: number) => `at-${concurrency}`;

/**
 * Samples all contenders, in turns of one another, so that what changes on the machine meets all of them alike. Each turn is taken in the
 * opposite order the next time: a contender comes after another one as often as before it.
 * @returns by contender, in the order given.
 */
export async function sampleAll(
  processes: ReadonlyMap<string, ContenderProcess>,
  servers: BenchServers,
  options: Options,
  progress: (line: string) => void,
): Promise<ReadonlyMap<string, Samples>> {
  const { rounds } = options;
  const found = new Map([...processes.keys()].map((name): [string, Takes] => [name, new Map()]));
  const times = new Map<string, number>();
  for (const turns of passesOf(options))
    for (let round = 1; round <= rounds; round++)
      for (const turn of turns) {
        const time = (times.get(turn.name) ?? 0) + 1;
        times.set(turn.name, time);
        progress(`round ${round} of ${rounds}: ${turn.name}`);
        for (const [name, child] of time % 2 ? [...processes] : [...processes].toReversed()) {
          if (!takesPart(child, turn)) continue;
          await restServers(servers);
          const taken = await take(child, servers, turn, `${plainName(name)}-${turn.name}-${time}`);
          const takes = found.get(name);
          takes?.set(turn.name, [...(takes.get(turn.name) ?? []), taken]);
        }
      }
  return new Map([...found].map(([name, takes]) => [name, summarize(takes, options.concurrency)]));
}

/**
 * All rounds of the first pass come before those of the second. Early answers are asked for last: from the first Update on, Node follows all
 * promises of the workers' thread. Contenders without them fulfil whole orders in the same rounds.
 */
function passesOf({ seconds, concurrency }: Options): readonly (readonly Turn[])[] {
  const loadOf = (many: number) => ({ orders: 4 * many, seconds, concurrency: many });
  const loads = concurrency.map((many): Turn => ({ name: at(many), ...loadOf(many), path: 'happy' }));
  const refused: Turn = { name: REFUSED, ...loadOf(concurrency.at(-1) ?? 1), path: 'compensated' };
  // Alone, orders differ little.
  const alone: Omit<Turn, 'name'> = { ...loadOf(1), seconds: seconds / 2, path: 'happy' };
  // Most ratios are of the last load, and differ from 1 by some per cent only: it is taken three times.
  const last = loads.slice(-1);
  return [
    [{ name: ALONE, ...alone }, ...loads, refused, ...last, ...last],
    [{ name: EARLY, ...alone, early: true }],
  ];
}

/** Whether a contender can fulfil orders in this way. */
export function takesPart({ compensates }: ContenderProcess, { path }: Pick<Request, 'path'>): boolean {
  return compensates || path === 'happy';
}

async function take(
  child: ContenderProcess,
  { pids }: BenchServers,
  turn: Turn,
  prefix: string,
): Promise<Taken> {
  const before = cpuMsOf(pids);
  const load = await child.run({ ...turn, prefix });
  const orders = load.ends.length;
  const ofServers = Object.entries(cpuMsOf(pids)).map(
    ([server, ms]) => [server, (ms - (before[server] ?? 0)) / orders] as const,
  );
  const perSecond = steadyRate(load.ends, turn.concurrency) * 1000;
  return { ...load, perSecond, cpu: { worker: load.cpuMs / orders, ...Object.fromEntries(ofServers) } };
}

function summarize(takes: Takes, concurrency: readonly number[]): Samples {
  const over = (turn: string, read: (taken: Taken) => number) => spreadOf((takes.get(turn) ?? []).map(read));
  const perSecond = (turn: string) => over(turn, (taken) => taken.perSecond);
  const latency = (turn: string): Latency => ({
    p50: over(turn, ({ latencies }) => quantile(latencies, 0.5)),
    p95: over(turn, ({ latencies }) => quantile(latencies, 0.95)),
    p99: over(turn, ({ latencies }) => quantile(latencies, 0.99)),
  });
  const most = at(concurrency.at(-1) ?? 1);
  const processes = Object.keys(takes.get(most)?.[0]?.cpu ?? {});
  return {
    throughput: Object.fromEntries(concurrency.map((many) => [many, perSecond(at(many))])),
    ...(takes.has(REFUSED) && { compensated: perSecond(REFUSED) }),
    alone: latency(ALONE),
    underLoad: latency(most),
    firstAnswer: over(EARLY, ({ firstAnswers }) => quantile(firstAnswers, 0.5)),
    cpu: Object.fromEntries(processes.map((name) => [name, over(most, ({ cpu }) => cpu[name] ?? NaN)])),
  };
}
