import { type Spread, spreadOf } from '../measure/statistics';
import type { ContenderResult, Ratio } from './result';

/** Measured in each round, or counted once. */
type Figure = Spread | number | undefined;

/** A ratio that is reported when both sides have taken part. */
interface Wanted {
  readonly name: string;
  readonly of: string;
  readonly to: string;
  /** @param other whom it is compared with. */
  readonly read: (result: ContenderResult, other: string) => Figure;
  readonly target?: Ratio['target'];
}

const underLoad = ({ samples }: ContenderResult) => Object.values(samples.throughput).at(-1);
const compensated = ({ samples }: ContenderResult) => samples.compensated;
const latency = ({ samples }: ContenderResult) => samples.alone.p50;
const workerCpu = ({ samples }: ContenderResult, other: string) => samples.beside?.[other];

const wanted: readonly Wanted[] = [
  { name: 'throughput', of: 'saga-queue', to: 'by-hand', read: underLoad, target: { atLeast: 0.97 } },
  {
    name: 'CPU of the worker, at once',
    of: 'saga-queue',
    to: 'by-hand',
    read: workerCpu,
    target: { atMost: 1.05 },
  },
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
    read: ({ cost }) => cost?.replayMs,
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
  { name: 'CPU of the worker, at once', of: 'express', to: 'by-hand-local', read: workerCpu },
  { name: 'throughput', of: 'express', to: 'by-hand', read: underLoad, target: { atLeast: 2.5 } },
  { name: 'latency alone', of: 'express', to: 'by-hand', read: latency, target: { atMost: 0.35 } },
  {
    name: 'first answer, of the full time',
    of: 'express',
    to: 'by-hand',
    read: ({ samples }) => samples.firstAnswer,
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
  // Whoever writes the workflow.
  { name: 'throughput', of: 'by-hand-local/empty', to: 'empty-workflow', read: underLoad },
  { name: 'throughput', of: 'express/empty', to: 'by-hand-local/empty', read: underLoad },
  ...['participants', 'saga-queue', 'express'].map((placement): Wanted => ({
    name: 'throughput, what the barrier leaves',
    of: `${placement}/barrier`,
    to: placement,
    read: underLoad,
    target: { atLeast: 0.92 },
  })),
  { name: 'CPU of the worker, at once', of: 'express/barrier', to: 'express', read: workerCpu },
  // A step that is a transaction anyway has the barrier's round trips without it.
  { name: 'throughput', of: 'express/barrier', to: 'express/transaction', read: underLoad },
  { name: 'throughput', of: 'express/transaction', to: 'express', read: underLoad },
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
  return wanted.flatMap(({ name, of, to, read, target }) => {
    const [one, other] = [results[of], results[to]];
    const divisors = roundsOf(other && read(other, of));
    const ratios = roundsOf(one && read(one, to)).map((value, round) => value / (divisors[round] ?? NaN));
    if (ratios.length === 0 || !ratios.every(Number.isFinite)) return [];
    return [
      { name: `${of} ÷ ${to}: ${name}`, spread: spreadOf(balanced(ratios)), ...(target && { target }) },
    ];
  });
}

/**
 * The geometric means of each two ratios that follow each other. They are of turns in opposite orders, and whom a contender comes after
 * makes up to a fifth of its throughput.
 */
function balanced(ratios: readonly number[]): readonly number[] {
  if (ratios.length === 1) return ratios;
  return ratios.slice(1).map((next, index) => Math.sqrt(next * (ratios[index] ?? NaN)));
}

function roundsOf(figure: Figure): readonly number[] {
  if (figure === undefined) return [];
  return typeof figure === 'number' ? [figure] : figure.rounds;
}

export function isMet({ spread: { median }, target }: Ratio): boolean | undefined {
  if (!target) return undefined;
  return 'atLeast' in target ? median >= target.atLeast : median <= target.atMost;
}
