import type { LiveReport, ListedSaga, SagaClient, SagaFilter } from '../client';
import { grouped } from './grouped';
import { readReports } from './reports';
import { take } from './take';

/** Sagas that are stuck at the same step. */
export interface StuckGroup {
  readonly workflow: string;
  readonly step: string;
  readonly count: number;
  /** Codes of the failures in the reports that were read, the most frequent first; none if no worker answered. */
  readonly causes: readonly StuckCause[];
}

/** Why sagas are stuck. */
export interface StuckCause {
  readonly code: string;
  /** Of one of them. */
  readonly message: string;
  readonly count: number;
  /** The earliest, ISO 8601. */
  readonly since: string;
}

const MAX_STUCK = 1_000;
const REPORTS_PER_STEP = 10;
/** Each may wait for workers that are down. */
const GROUPS_AT_ONCE = 5;
const UNKNOWN = 'unknown';

/** What sagas are stuck at, the most frequent first. Of more than a thousand the latest are looked at. */
export async function readStuckGroups(
  client: SagaClient,
  filter: Omit<SagaFilter, 'state'>,
): Promise<StuckGroup[]> {
  const listed = await listStuckGroups(client, filter);
  const groups: StuckGroup[] = [];
  for (let from = 0; from < listed.length; from += GROUPS_AT_ONCE) {
    const some = listed.slice(from, from + GROUPS_AT_ONCE);
    groups.push(...(await Promise.all(some.map((sagas) => readGroup(client, sagas)))));
  }
  return groups.sort((a, b) => b.count - a.count);
}

async function readGroup(client: SagaClient, sagas: readonly ListedSaga[]): Promise<StuckGroup> {
  const [{ workflow, stuckStep: step = UNKNOWN }] = sagas as [ListedSaga];
  const causes = causesOf(await readReports(client, sagas.slice(0, REPORTS_PER_STEP)));
  return { workflow, step, count: sagas.length, causes };
}

/** How many sagas of a definition are stuck at each step, without reading them; of more than a thousand, the latest. */
export async function countStuck(client: SagaClient, workflow: string): Promise<ReadonlyMap<string, number>> {
  const groups = await listStuckGroups(client, { workflow });
  return new Map(groups.map((sagas) => [sagas[0]?.stuckStep ?? UNKNOWN, sagas.length]));
}

/** The stuck sagas by workflow and step. */
async function listStuckGroups(
  client: SagaClient,
  filter: Omit<SagaFilter, 'state'>,
): Promise<readonly ListedSaga[][]> {
  const stuck = await take(MAX_STUCK, client.list({ ...filter, state: 'stuck' }));
  return [...grouped(stuck, ({ workflow, stuckStep }) => `${workflow} ${stuckStep}`).values()];
}

function causesOf(reports: readonly LiveReport[]): StuckCause[] {
  const failures = reports.flatMap(({ steps }) => steps.flatMap((each) => each.stuck ?? []));
  const causes = [...grouped(failures, ({ code }) => code)].map(([code, some]) => ({
    code,
    message: some[0]?.message ?? '',
    count: some.length,
    since: some.map(({ since }) => since).reduce((first, since) => (since < first ? since : first)),
  }));
  return causes.sort((a, b) => b.count - a.count);
}
