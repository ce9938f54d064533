import type { Client } from '@temporalio/client';
import type { EarlierRunsAnswer, EarlierRunsQuestion, LeftoverEntry } from '../saga/reset';
import { readCallEvents } from './call-events';
import { readEarlierRuns, resetBasesOf } from './earlier-runs';
import { dropHistoryFields, requireKind } from './entries-to-undo';
import type { RebuiltEntry } from './rebuild-ledger';
import { completeNested } from './read-ledger';
import type { SagaRecords } from './records';
import { makeSequential } from './add-records';

/**
 * What the runs before a reset did that the run which asks has not done, with the strictly ordered positions of a ledger of
 * their own (S17).
 * @param runId of the run that asks.
 * @throws SagaClientError `EARLIER_RUN_UNREADABLE`, `HISTORY_TOO_OLD`; `RECORDS_NEEDED` or `SAGA_RUNNING` of an express saga.
 */
export async function readLeftovers(
  client: Client,
  sagaId: string,
  runId: string,
  { known, runIds }: EarlierRunsQuestion,
  records: readonly SagaRecords[],
): Promise<EarlierRunsAnswer> {
  const own = await readCallEvents(client, sagaId, runId);
  const { ledger, nestedRuns, completed } = await readEarlierRuns(
    client,
    sagaId,
    runId,
    [...resetBasesOf(own), ...runIds],
    records,
  );
  const unknown = new Set(known);
  const left = ledger.entries.filter(
    ({ step, kind, undone, refused }) => !unknown.has(step) && kind !== 'read-only' && !undone && !refused,
  );
  const { entries } = await completeNested(client, sagaId, { entries: left }, records);
  return {
    entries: makeSequential(entries.filter(({ undone }) => !undone)).map((entry) =>
      leftoverOf(sagaId, entry),
    ),
    ...(Object.keys(nestedRuns).length > 0 && { nestedRuns }),
    ...(completed && { completed }),
  };
}

function leftoverOf(
  sagaId: string,
  { nested, undone: _undone, refused: _refused, ...entry }: RebuiltEntry,
): LeftoverEntry {
  const isDetached = entry.refusal !== undefined || (nested !== undefined && !entry.succeeded);
  return {
    ...dropHistoryFields(entry),
    kind: requireKind(entry, sagaId),
    ...(nested !== undefined && { nested: true }),
    ...(isDetached && { detached: true }),
  };
}
