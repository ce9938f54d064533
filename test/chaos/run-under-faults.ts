import { setTimeout as sleep } from 'node:timers/promises';
import { SagaClient } from '../../src/client';
import { FaultInjector } from './fault-injector';
import { Driver } from './driver';
import { Operator } from './operator';
import type { FaultName } from './options';
import type { PlannedOrder } from './plan/plan';
import type { Summary } from './summary';
import type { ChaosSystem } from './system/system';
import type { FaultLog } from './worker/fault-log';

/** @property withinMs after this much time it is over, whatever still runs. */
export interface FaultRun {
  readonly system: ChaosSystem;
  readonly plan: readonly PlannedOrder[];
  readonly faultLog: FaultLog;
  readonly faults: readonly FaultName[];
  readonly seed: number;
  readonly withinMs: number;
  readonly signal: AbortSignal;
  readonly progress: (line: string) => void;
}

/** Servers and workers come back within seconds; who waits longer for an answer waits in vain. */
const ANSWER_WITHIN_MS = 10_000;

/** Places the orders while faults strike, then lets everything heal and waits for the ends. */
export async function runUnderFaults(
  of: FaultRun,
): Promise<{ readonly started: ReadonlySet<string>; readonly fired: Summary['faultsFired'] }> {
  const { system, plan, faultLog, faults, seed, progress } = of;
  // Not AbortSignal.timeout: Node may collect one that only a combined signal refers to, and it never aborts.
  const late = new AbortController();
  const lateTimer = setTimeout(() => late.abort(), of.withinMs);
  const signal = AbortSignal.any([of.signal, late.signal]);
  const over = new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
  const client = new SagaClient(system.client, { answerWithinMs: ANSWER_WITHIN_MS });
  const driver = new Driver(client, faultLog, signal);
  const operator = Operator.of(
    client,
    system.client.options.namespace,
    system.pooledUrls,
    plan,
    faultLog,
    signal,
    progress,
  );
  const injector = new FaultInjector(system, driver.record.started, faults, seed, progress);
  const telling = setInterval(
    () => progress(`${driver.record.started.size} started, ${driver.record.open} open`),
    5_000,
  );
  const load = async () => {
    await driver.place(plan);
    progress('All orders are placed');
    await waitForEachFault(injector, signal);
    await injector.settled();
    await driver.settled();
    // What is delivered late may come after all is over: it must change nothing.
    await sleep(Math.max(0, faultLog.lastDue() + 1_000 - Date.now()), undefined, { signal });
  };
  const untilAborted = (error: unknown) => {
    if (!signal.aborted) throw error;
  };
  operator.work();
  try {
    await Promise.race([load().catch(untilAborted), over, injector.failed]);
    of.signal.throwIfAborted();
    await injector.settled();
  } finally {
    clearInterval(telling);
    clearTimeout(lateTimer);
    operator.rest();
  }
  const counts = faults.map((fault) => [fault, injector.count(fault) ?? faultLog.count(fault)] as const);
  return { started: driver.record.started, fired: Object.fromEntries(counts) };
}

/** A short run goes on until each fault has struck. */
async function waitForEachFault({ fired, wanted }: FaultInjector, signal: AbortSignal): Promise<void> {
  while (wanted.some((fault) => fired[fault] === 0)) await sleep(100, undefined, { signal });
}
