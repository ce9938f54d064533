import type { Placement } from '../saga';
import { appliesIn, casesOf, type FaultCase } from './cases';
import { pairsOf } from './pairs';
import { Choices } from './simulation/choices';
import { findUnexpected } from './expectation';
import type { FaultKind } from './fault';
import type { SagaTestKit } from './kit';
import type { Observation } from './observation';
import { findBrokenPromises } from './promise';
import type { SagaUnderTest } from './saga-under-test';
import { SharedRestart } from './shared-restart';

/** A case that broke the promise. */
export interface Violation {
  /** `fulfilOrder, participants: unknown-after at do reserve-stock` */
  readonly case: string;
  readonly sagaId: string;
  readonly problems: readonly string[];
}

/** What came of a saga's fault matrix. */
export interface MatrixResult {
  /** How many cases were run. */
  readonly cases: number;
  readonly violations: readonly Violation[];
  readonly byFault: Readonly<Record<string, number>>;
  /** By outcome; a saga that had to be resolved at the desk counts as `stuck`. */
  readonly byOutcome: Readonly<Record<string, number>>;
  /** The cases whose fault did not strike where it was meant to: they prove nothing. */
  readonly notFired: readonly string[];
}

/** How a matrix is run. */
export interface MatrixOptions {
  /** @default ['participants'] */
  readonly placements?: readonly Placement[];
  /** How many cases run at once. @default 8 */
  readonly concurrency?: number;
  /** Only the cases with these faults. @default all */
  readonly only?: readonly FaultKind[];
  /**
   * How many pairs of faults are run too in each placement, chosen by {@link seed}; `Infinity` for all. Of a pair it is only
   * checked that the promise is kept: one of its faults may keep the other from striking. @default 0
   */
  readonly pairs?: number;
  /** @default 1 */
  readonly seed?: number;
  /** Is told the name of each case that has run. */
  readonly onCase?: (name: string) => void;
}

/**
 * Runs a saga's fault matrix: at every action and every compensation each fault that makes sense there, and checks that
 * every run keeps the promise, ends as the rules say, and met its fault. Which faults those are depends on the kit's server:
 * see {@link FaultKind}.
 */
export async function runMatrix(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  options: MatrixOptions = {},
): Promise<MatrixResult> {
  const { placements = ['participants'], concurrency = 8, only, pairs = 0, seed = 1 } = options;
  const { onCase = () => undefined } = options;
  const tally = new Tally();
  let all: readonly FaultCase[] = [];
  for (const placement of placements) {
    // Where a saga can be reset to depends on its placement.
    if (all.length === 0 || kit.resets) all = await casesOf(kit, saga, placement);
    const chosen = only ? all.filter(({ fault }) => fault && only.includes(fault.kind)) : all;
    const prefix = `${saga.definition.workflow}, ${placement}`;
    const judge = async (one: FaultCase, restartWorkers?: () => Promise<void>) => {
      const { given, fault, also } = one;
      const faults = [given, fault ?? [], also ?? []].flat();
      const run = await kit.run(saga, { faults, placement, ...(restartWorkers && { restartWorkers }) });
      const name = `${prefix}: ${one.name}`;
      tally.add(name, one, run, placement);
      onCase(name);
    };
    const single = chosen.filter((one) => appliesIn(placement, one));
    const here = [...single, ...pairsOf(single, pairs, new Choices(seed))];
    const isRestart = ({ fault, also }: FaultCase) =>
      fault?.kind === 'worker-restart' || also?.kind === 'worker-restart';
    await atMost(
      concurrency,
      here.filter((one) => !isRestart(one)),
      judge,
    );
    const restarts = here.filter(isRestart);
    const restart = new SharedRestart(restarts.length, () => kit.restartWorkers());
    await Promise.all(
      restarts.map((one) => judge(one, kit.overlaps ? restart.join : undefined).finally(restart.leave)),
    );
  }
  return tally;
}

class Tally implements MatrixResult {
  cases = 0;
  readonly violations: Violation[] = [];
  readonly byFault: Record<string, number> = {};
  readonly byOutcome: Record<string, number> = {};
  readonly notFired: string[] = [];

  add(name: string, { fault, also, base }: FaultCase, run: Observation, placement: Placement): void {
    const problems = [
      ...findBrokenPromises(run),
      ...(fault && !also ? findUnexpected(fault, run, base, placement) : []),
    ];
    this.cases++;
    count(this.byFault, also ? 'pair' : (fault?.kind ?? 'none'));
    count(this.byOutcome, run.wasStuck ? 'stuck' : run.outcome.kind);
    if (problems.length > 0) this.violations.push({ case: name, sagaId: run.sagaId, problems });
    if (run.notFired.length > 0 && !also) this.notFired.push(name);
  }
}

function count(into: Record<string, number>, key: string): void {
  into[key] = (into[key] ?? 0) + 1;
}

async function atMost<T>(
  limit: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  async function next(): Promise<void> {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  }
  await Promise.all(Array.from({ length: limit }, next));
}
