import type { ListedSaga, LiveReport, SagaClient } from '../client';

const AT_ONCE = 5;
const ANSWER_WITHIN_MS = 2_000;

/** The reports that workers give in time. */
export async function readReports(client: SagaClient, sagas: readonly ListedSaga[]): Promise<LiveReport[]> {
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
