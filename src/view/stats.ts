import type { ListedSaga, LiveReport, SagaClient, SagaCounts, SagaFilter, SagaState } from '../client';
import { stepName } from './flow';
import { grouped } from './grouped';
import { readStuckGroups, type StuckGroup } from './incidents';
import { readReports } from './reports';
import { take } from './take';

/** What `unwind stats` shows. Times are in milliseconds. */
export interface SagaStats {
  readonly counts: SagaCounts;
  /** Of the sagas that ended among the latest `sampled`. */
  readonly ended: readonly {
    readonly state: SagaState;
    readonly count: number;
    readonly p50: number;
    readonly p95: number;
  }[];
  /** Why sagas unwound, among the latest `sampled`. */
  readonly reasons: readonly { readonly code: string; readonly count: number }[];
  /** What sagas are stuck at, the most frequent first. */
  readonly stuck: readonly StuckGroup[];
  /** How long the actions of steps took, in the reports of the latest sagas. */
  readonly steps: readonly {
    readonly step: string;
    readonly count: number;
    readonly p50: number;
    readonly p95: number;
  }[];
  readonly sampled: number;
}

/** @param sample how many of the latest sagas are read. @param reports of how many of them the report is read, for the steps. */
export async function readStats(
  client: SagaClient,
  filter: Omit<SagaFilter, 'state'>,
  sample: number,
  reports: number,
): Promise<SagaStats> {
  const counts = await client.count(filter);
  const latest = await take(sample, client.list(filter));
  const ended = latest.filter(({ closedAt }) => closedAt !== undefined);
  const read = await readReports(client, ended.slice(0, reports));
  return {
    counts,
    ended: [...grouped(ended, ({ state }) => state)].map(([state, sagas]) => ({
      state,
      ...summary(sagas.map(durationOf)),
    })),
    reasons: tally(latest.flatMap(({ reason }) => reason ?? [])),
    stuck: counts.stuck > 0 ? await readStuckGroups(client, filter) : [],
    steps: [...grouped(read.flatMap(actionsOf), ({ step }) => step)].map(([step, actions]) => ({
      step,
      ...summary(actions.map(({ ms }) => ms)),
    })),
    sampled: latest.length,
  };
}

function actionsOf({ steps }: LiveReport): { step: string; ms: number }[] {
  return steps.flatMap(({ name, startedAt, settledAt }) =>
    settledAt === undefined
      ? []
      : [{ step: stepName(name), ms: Date.parse(settledAt) - Date.parse(startedAt) }],
  );
}

function durationOf({ startedAt, closedAt }: ListedSaga): number {
  return closedAt ? closedAt.getTime() - startedAt.getTime() : 0;
}

function summary(durations: readonly number[]): { count: number; p50: number; p95: number } {
  const sorted = [...durations].sort((a, b) => a - b);
  const at = (share: number) =>
    sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}

function tally(codes: readonly string[]): { code: string; count: number }[] {
  const groups = [...grouped(codes, (code) => code)].map(([code, some]) => ({ code, count: some.length }));
  return groups.sort((a, b) => b.count - a.count);
}
