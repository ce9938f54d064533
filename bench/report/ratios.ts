import type { ContenderResult, Ratio } from './result';

/** A ratio that is reported when both sides have taken part. */
interface Wanted {
  readonly name: string;
  readonly of: string;
  readonly to: string;
  readonly read: (result: ContenderResult) => number | undefined;
  /** Where the other side's figure is another one. */
  readonly readOther?: (result: ContenderResult) => number | undefined;
  readonly target?: Ratio['target'];
}

const underLoad = ({ samples }: ContenderResult) => Object.values(samples.throughput).at(-1)?.median;
const compensated = ({ samples }: ContenderResult) => samples.compensated?.median;
const latency = ({ samples }: ContenderResult) => samples.alone.p50.median;
const workerCpu = ({ samples }: ContenderResult) => samples.cpu['worker']?.median;

const wanted: readonly Wanted[] = [
  { name: 'throughput', of: 'saga-queue', to: 'by-hand', read: underLoad, target: { atLeast: 0.97 } },
  { name: 'CPU of the worker', of: 'saga-queue', to: 'by-hand', read: workerCpu, target: { atMost: 1.05 } },
  {
    name: 'memory of a cached workflow',
    of: 'saga-queue',
    to: 'by-hand',
    read: ({ cost }) => cost?.cachedBytes,
    target: { atMost: 1.1 },
  },
  {
    name: 'bundle',
    of: 'saga-queue',
    to: 'by-hand',
    read: ({ cost }) => cost?.bundleBytes,
    target: { atMost: 1.15 },
  },
  {
    name: 'CPU of a replay',
    of: 'saga-queue',
    to: 'by-hand',
    read: ({ cost }) => cost?.replayMs.median,
    target: { atMost: 1.2 },
  },
  {
    name: 'throughput, compensated',
    of: 'saga-queue',
    to: 'by-hand',
    read: compensated,
    target: { atLeast: 0.95 },
  },
  { name: 'throughput', of: 'express', to: 'by-hand-local', read: underLoad, target: { atLeast: 0.95 } },
  { name: 'throughput', of: 'express', to: 'by-hand', read: underLoad, target: { atLeast: 2.5 } },
  { name: 'latency alone', of: 'express', to: 'by-hand', read: latency, target: { atMost: 0.35 } },
  {
    name: 'first answer, of the full time',
    of: 'express',
    to: 'by-hand',
    read: ({ samples }) => samples.firstAnswer?.median,
    readOther: latency,
    target: { atMost: 0.35 },
  },
  // What local activities and an eager start make of it, whoever writes the workflow.
  { name: 'throughput', of: 'by-hand-local', to: 'by-hand', read: underLoad },
  { name: 'latency alone', of: 'by-hand-local', to: 'by-hand', read: latency },
  {
    name: 'throughput',
    of: 'express/empty',
    to: 'empty-workflow',
    read: underLoad,
    target: { atLeast: 0.6 },
  },
  ...['participants', 'saga-queue', 'express'].map((placement): Wanted => ({
    name: 'throughput, what the barrier leaves',
    of: `${placement}/barrier`,
    to: placement,
    read: underLoad,
    target: { atLeast: 0.92 },
  })),
  ...['sql', 'dbos', 'restate'].flatMap((peer): Wanted[] => [
    { name: 'throughput', of: 'express/barrier', to: peer, read: underLoad },
    { name: 'latency alone', of: 'express/barrier', to: peer, read: latency },
  ]),
  ...['shop/saga-queue', 'shop/express'].flatMap((of): Wanted[] => [
    { name: 'throughput', of, to: 'shop/choreography', read: underLoad },
    { name: 'latency alone', of, to: 'shop/choreography', read: latency },
  ]),
];

/** The ratios of which both sides have taken part. */
export function ratiosOf(results: Readonly<Record<string, ContenderResult>>): readonly Ratio[] {
  return wanted.flatMap(({ name, of, to, read, readOther = read, target }) => {
    const [one, other] = [results[of], results[to]];
    const value = (one && read(one)) ?? NaN;
    const divisor = (other && readOther(other)) ?? NaN;
    if (!Number.isFinite(value / divisor)) return [];
    return [{ name: `${of} ÷ ${to}: ${name}`, value: value / divisor, ...(target && { target }) }];
  });
}

export function isMet({ value, target }: Ratio): boolean | undefined {
  if (!target) return undefined;
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}
