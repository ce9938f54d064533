import type { ListedSaga, LiveReport, SagaClient, SagaCounts, SagaFilter, SagaState } from '../client';
import { take } from './arguments';

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

/** Sagas that are stuck at the same step. */
export interface StuckGroup {
  readonly step: string;
  readonly count: number;
  /** The code of the failure and the earliest time of it, ISO 8601, in the reports that were read. */
  readonly causes: readonly { readonly code: string; readonly count: number; readonly since: string }[];
}

const MAX_STUCK = 1_000;
const REPORTS_PER_STEP = 10;
const AT_ONCE = 5;
const ANSWER_WITHIN_MS = 2_000;

/** @param sample how many of the latest sagas are read. @param reports of how many of them the report is read, for the steps. */
export async function readStats(
  client: SagaClient,
  filter: Omit<SagaFilter, 'state'>,
  sample: number,
  reports: number,
): Promise<SagaStats> {
  const counts = await client.count(filter);
  const latest = await take(sample, client.list(filter));
  const stuck = counts.stuck > 0 ? await take(MAX_STUCK, client.list({ ...filter, state: 'stuck' })) : [];
  const ended = latest.filter(({ closedAt }) => closedAt !== undefined);
  const read = await reportsOf(client, ended.slice(0, reports));
  return {
    counts,
    ended: [...grouped(ended, ({ state }) => state)].map(([state, sagas]) => ({
      state,
      ...summary(sagas.map(durationOf)),
    })),
    reasons: tally(latest.flatMap(({ reason }) => reason ?? [])),
    stuck: await stuckGroups(client, stuck),
    steps: [...grouped(read.flatMap(actionsOf), ({ step }) => step)].map(([step, actions]) => ({
      step,
      ...summary(actions.map(({ ms }) => ms)),
    })),
    sampled: latest.length,
  };
}

async function stuckGroups(client: SagaClient, stuck: readonly ListedSaga[]): Promise<StuckGroup[]> {
  const groups: StuckGroup[] = [];
  for (const [step, sagas] of grouped(stuck, ({ stuckStep = 'unknown' }) => stuckStep)) {
    const reports = await reportsOf(client, sagas.slice(0, REPORTS_PER_STEP));
    const failures = reports.flatMap(({ steps }) => steps.flatMap((each) => each.stuck ?? []));
    const causes = [...grouped(failures, ({ code }) => code)].map(([code, some]) => ({
      code,
      count: some.length,
      since: some.map(({ since }) => since).reduce((first, since) => (since < first ? since : first)),
    }));
    groups.push({ step, count: sagas.length, causes });
  }
  return groups.sort((a, b) => b.count - a.count);
}

/** The reports that workers give in time. */
async function reportsOf(client: SagaClient, sagas: readonly ListedSaga[]): Promise<LiveReport[]> {
  const reports: LiveReport[] = [];
  for (let from = 0; from < sagas.length; from += AT_ONCE) {
    const some = sagas.slice(from, from + AT_ONCE);
    const described = await Promise.all(some.map(({ sagaId }) => client.describe(sagaId, ANSWER_WITHIN_MS)));
    const answered = described.flatMap(({ report }) => report ?? []);
    // Where no worker is up, none of the others would answer either.
    if (answered.length === 0) break;
    reports.push(...answered);
  }
  return reports;
}

function actionsOf({ steps }: LiveReport): { step: string; ms: number }[] {
  return steps.flatMap(({ name, startedAt, settledAt }) =>
    // The seventh run of a step in a loop is the same step.
    settledAt === undefined
      ? []
      : [{ step: name.replace(/#\d+$/, ''), ms: Date.parse(settledAt) - Date.parse(startedAt) }],
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

function grouped<T, Key>(items: readonly T[], keyOf: (item: T) => Key): ReadonlyMap<Key, T[]> {
  const groups = new Map<Key, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
