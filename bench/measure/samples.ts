import { plainName } from '../contenders/contender';
import type { BenchServers } from '../servers/servers';
import type { Options } from '../options';
import type { ContenderProcess } from './child-process';
import { cpuMsOf } from './cpu';
import type { Load } from './protocol';
import { quantile, type Spread, spreadOf } from './statistics';

/** How long orders take, in milliseconds. */
export interface Latency {
  readonly p50: Spread;
  readonly p95: Spread;
  readonly p99: Spread;
}

/** What one contender has shown under orders. */
export interface Samples {
  /** Orders a second, by how many are under way. */
  readonly throughput: Readonly<Record<string, Spread>>;
  /** The same where each order is refused at its last step, and compensated. */
  readonly compensated?: Spread;
  readonly alone: Latency;
  readonly underLoad: Latency;
  /** When the customer of an order that is alone knew that it is accepted. Absent where nobody tells earlier. */
  readonly firstAnswer?: Spread;
  /** CPU time of an order under load, in milliseconds, by process. */
  readonly cpu: Readonly<Record<string, Spread>>;
}

interface Round {
  readonly throughput: Record<string, number>;
  readonly compensated: number | undefined;
  readonly alone: readonly number[];
  readonly underLoad: readonly number[];
  readonly firstAnswers: readonly number[];
  readonly cpu: Record<string, number>;
}

/**
 * Samples all contenders, one after the other in each round, so that what changes on the machine meets all of them alike. Each second
 * round is in the opposite order: a contender comes after another one as often as before it.
 * @returns by contender, in the order given.
 */
export async function sampleAll(
  processes: ReadonlyMap<string, ContenderProcess>,
  servers: BenchServers,
  { rounds, orders, concurrency }: Options,
  progress: (line: string) => void,
): Promise<ReadonlyMap<string, Samples>> {
  const found = new Map([...processes.keys()].map((name) => [name, [] as Round[]]));
  for (let round = 1; round <= rounds; round++) {
    const order = [...processes];
    for (const [name, child] of round % 2 ? order : order.toReversed()) {
      progress(`round ${round} of ${rounds}: ${name}`);
      const sampled = await sample(child, servers, `${plainName(name)}-${round}`, orders, concurrency);
      found.get(name)?.push(sampled);
    }
  }
  return new Map([...found].map(([name, list]) => [name, summarize(list)]));
}

async function sample(
  child: ContenderProcess,
  servers: BenchServers,
  prefix: string,
  orders: number,
  concurrency: readonly number[],
): Promise<Round> {
  const alone = await child.run({
    prefix: `${prefix}-alone`,
    orders: few(orders),
    concurrency: 1,
    path: 'happy',
  });
  const early = child.tellsEarly
    ? await child.run({
        prefix: `${prefix}-early`,
        orders: few(orders),
        concurrency: 1,
        path: 'happy',
        early: true,
      })
    : undefined;
  const throughput: Record<string, number> = {};
  let cpu: Record<string, number> = {};
  let underLoad: Load | undefined;
  for (const many of concurrency) {
    const before = cpuMsOf(servers.pids);
    underLoad = await child.run({ prefix: `${prefix}-at-${many}`, orders, concurrency: many, path: 'happy' });
    throughput[many] = orders / underLoad.seconds;
    cpu = { worker: underLoad.cpuMs / orders };
    for (const [server, ms] of Object.entries(cpuMsOf(servers.pids)))
      cpu[server] = (ms - (before[server] ?? 0)) / orders;
  }
  const half = Math.ceil(orders / 2);
  const refused = { prefix: `${prefix}-refused`, orders: half, concurrency: concurrency.at(-1) ?? 1 };
  const compensated = child.compensates ? await child.run({ ...refused, path: 'compensated' }) : undefined;
  return {
    throughput,
    compensated: compensated && half / compensated.seconds,
    alone: alone.latencies,
    underLoad: underLoad?.latencies ?? [],
    firstAnswers: early?.firstAnswers ?? [],
    cpu,
  };
}

/** Alone, orders take long, and differ little. */
function few(orders: number): number {
  return Math.ceil(orders / 6);
}

function summarize(rounds: readonly Round[]): Samples {
  const [first] = rounds;
  const over = (read: (round: Round) => number) => spreadOf(rounds.map(read));
  const latency = (read: (round: Round) => readonly number[]): Latency => ({
    p50: over((round) => quantile(read(round), 0.5)),
    p95: over((round) => quantile(read(round), 0.95)),
    p99: over((round) => quantile(read(round), 0.99)),
  });
  const each = (read: (round: Round) => Record<string, number>) =>
    Object.fromEntries(
      Object.keys(first ? read(first) : {}).map((key) => [key, over((round) => read(round)[key] ?? NaN)]),
    );
  return {
    throughput: each((round) => round.throughput),
    ...(first?.compensated !== undefined && { compensated: over((round) => round.compensated ?? NaN) }),
    alone: latency((round) => round.alone),
    underLoad: latency((round) => round.underLoad),
    ...(first &&
      first.firstAnswers.length > 0 && { firstAnswer: over((round) => quantile(round.firstAnswers, 0.5)) }),
    cpu: each((round) => round.cpu),
  };
}
