import { plainName } from '../contenders/contender';
import { restServers } from '../servers/rest';
import type { BenchServers } from '../servers/servers';
import type { Options } from '../options';
import { type Answers, fulfilInTurns } from './alone';
import { type Beside, workersBeside } from './beside';
import type { ContenderProcess } from './child-process';
import { cpuMsOf } from './cpu';
import { heat } from './heat';
import { inOrderOf } from './opposite-order';
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
  readonly beside?: Beside;
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
  const alone: Answers[] = [];
  const early: Answers[] = [];
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}: alone`);
    alone.push(await fulfilInTurns(processes, servers, { prefix: `alone-${round}`, early: false }));
    for (const turn of turnsOf(options)) {
      const time = (times.get(turn.name) ?? 0) + 1;
      times.set(turn.name, time);
      progress(`round ${round} of ${rounds}: ${turn.name}`);
      for (const [name, child] of inOrderOf(time, processes)) {
        if (!takesPart(child, turn)) continue;
        await restServers(servers);
        const taken = await take(child, servers, turn, `${plainName(name)}-${turn.name}-${time}`);
        const takes = found.get(name);
        takes?.set(turn.name, [...(takes.get(turn.name) ?? []), taken]);
      }
    }
  }
  const beside = await workersBeside(processes, servers, options, progress);
  // Last, as from the first Update on Node follows all promises of the workers' thread.
  for (let round = 1; round <= rounds; round++) {
    progress(`round ${round} of ${rounds}: early answers`);
    early.push(await fulfilInTurns(processes, servers, { prefix: `early-${round}`, early: true }));
  }
  const of = (answers: readonly Answers[], name: string) => answers.map((round) => round.get(name) ?? []);
  return new Map(
    [...found].map(([name, takes]) => {
      const besides = beside.get(name);
      const samples = summarize(takes, of(alone, name), of(early, name), options.concurrency);
      return [name, { ...samples, ...(besides && { beside: besides }) }];
    }),
  );
}

function turnsOf({ seconds, concurrency }: Options): readonly Turn[] {
  const loadOf = (many: number) => ({ orders: 4 * many, seconds, concurrency: many });
  const loads = concurrency.map((many): Turn => ({ name: at(many), ...loadOf(many), path: 'happy' }));
  const refused: Turn = { name: REFUSED, ...loadOf(concurrency.at(-1) ?? 1), path: 'compensated' };
  // Most ratios are of the last load, and differ from 1 by some per cent only: it is taken three times.
  const last = loads.slice(-1);
  return [...loads, refused, ...last, ...last];
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
  await heat(child, { ...turn, prefix });
  const before = cpuMsOf(pids);
  const load = await child.run({ ...turn, prefix });
  const orders = load.ends.length;
  const ofServers = Object.entries(cpuMsOf(pids)).map(
    ([server, ms]) => [server, (ms - (before[server] ?? 0)) / orders] as const,
  );
  const perSecond = steadyRate(load.ends, turn.concurrency) * 1000;
  return { ...load, perSecond, cpu: { worker: load.cpuMs / orders, ...Object.fromEntries(ofServers) } };
}

/** @param alone, early when the customers of orders that were alone knew that they are accepted, by round. */
function summarize(
  takes: Takes,
  alone: readonly (readonly number[])[],
  early: readonly (readonly number[])[],
  concurrency: readonly number[],
): Samples {
  const over = (turn: string, read: (taken: Taken) => number) => spreadOf((takes.get(turn) ?? []).map(read));
  const perSecond = (turn: string) => over(turn, (taken) => taken.perSecond);
  const most = at(concurrency.at(-1) ?? 1);
  const processes = Object.keys(takes.get(most)?.[0]?.cpu ?? {});
  return {
    throughput: Object.fromEntries(concurrency.map((many) => [many, perSecond(at(many))])),
    ...(takes.has(REFUSED) && { compensated: perSecond(REFUSED) }),
    alone: latencyOf(alone),
    underLoad: latencyOf((takes.get(most) ?? []).map(({ latencies }) => latencies)),
    firstAnswer: latencyOf(early).p50,
    cpu: Object.fromEntries(processes.map((name) => [name, over(most, ({ cpu }) => cpu[name] ?? NaN)])),
  };
}

function latencyOf(rounds: readonly (readonly number[])[]): Latency {
  const over = (part: number) => spreadOf(rounds.map((latencies) => quantile(latencies, part)));
  return { p50: over(0.5), p95: over(0.95), p99: over(0.99) };
}
