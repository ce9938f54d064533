import type { Findings } from './checks/check';
import { text } from './checks/violation';
import type { FaultName } from './options';
import type { PlannedOrder } from './plan/plan';

/** What a run came to, as its last line says it. */
export interface Summary {
  readonly seed: number;
  readonly started: number;
  readonly completed: number;
  readonly compensated: number;
  readonly cancelled: number;
  readonly stuck: number;
  readonly lost: number;
  readonly violations: readonly string[];
  readonly faultsFired: Readonly<Partial<Record<FaultName, number>>>;
}

export function summarise(
  seed: number,
  started: number,
  { answers, stuck, lost, violations }: Findings,
  faultsFired: Summary['faultsFired'],
): Summary {
  const count = (how: string) => answers.filter(({ ended }) => ended === how).length;
  return {
    seed,
    started,
    completed: count('completed'),
    compensated: count('compensated'),
    cancelled: count('cancelled'),
    stuck: stuck.length,
    lost: lost.length,
    violations: violations.map(text),
    faultsFired,
  };
}

/**
 * A run in which nothing happened shows nothing. Half of the orders that were to end one way must have ended so, half of
 * the planned faults of activities and every fault must have struck. @returns what fell short.
 */
export function shortfalls(
  summary: Summary,
  plan: readonly PlannedOrder[],
  faults: readonly FaultName[],
): string[] {
  const planned = (of: 'completed' | 'compensated' | 'cancelled') =>
    plan.filter(({ intent }) => intent === of).length;
  const withFault = (fault: FaultName) =>
    plan.filter(({ activityFaults }) => activityFaults.some((activityFault) => activityFault.fault === fault))
      .length;
  const fired = (fault: FaultName) => summary.faultsFired[fault] ?? 0;
  const least: [string, number, number][] = [
    ['started', summary.started, plan.length],
    ...(['completed', 'compensated', 'cancelled'] as const).map((end): [string, number, number] => [
      end,
      summary[end],
      Math.ceil(planned(end) / 2),
    ]),
    ...faults.map((fault): [string, number, number] => [
      fault,
      fired(fault),
      Math.max(1, Math.floor(withFault(fault) / 2)),
    ]),
  ];
  return least
    .filter(([, found, wanted]) => found < wanted)
    .map(([what, found, wanted]) => `${what}: at least ${wanted} wanted, ${found} seen`);
}

/** Why sagas were compensated, by code. */
export function reasons({ answers }: Findings): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { reason } of answers) if (reason !== undefined) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}

/** Violations by kind, for each thousand sagas. */
export function perThousand({ violations, started }: Summary): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const violation of violations) {
    const kind = violation.slice(0, violation.indexOf(':'));
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return Object.fromEntries(
    Object.entries(counts).map(([kind, count]) => [kind, Math.round((count / started) * 10_000) / 10]),
  );
}
