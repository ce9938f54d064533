import type { Client } from '@temporalio/client';
import type { EarlierRunsAnswer, EarlierRunsQuestion, LeftoverEntry } from '../saga/reset';
import { readCallEvents } from './call-events';
import { readEarlierRuns, resetBasesOf } from './earlier-runs';
import { dropHistoryFields, requireKind } from './entries-to-undo';
import { askAgain } from './errors';
import { closedMsAgo } from './effects';
import type { CallEvent, RebuiltEntry } from './rebuild-ledger';
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
  const lost = await readLost(client, own);
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
    ...(lost.length > 0 && { lost }),
  };
}

/** How long a parent may take to hear of the end of a nested saga. */
const HEARS_WITHIN_MS = 10_000;

/**
 * The nested sagas of a run that have ended and never tell it, because the run before it had been closed at that time.
 * @throws SagaClientError `SAGA_RUNNING` while it may yet hear of one
 */
async function readLost(client: Client, events: readonly CallEvent[]): Promise<string[]> {
  const closed = new Set(events.flatMap((event) => (event.type === 'closed' ? [event.scheduledId] : [])));
  const started = new Map(
    events.flatMap((event) => (event.type === 'nested-run' ? [[event.nested, event.runId]] : [])),
  );
  const awaited = events.flatMap((event) =>
    event.type === 'scheduled' && event.nested !== undefined && !closed.has(event.eventId)
      ? [event.nested]
      : [],
  );
  const lost: string[] = [];
  for (const nested of awaited.filter((id) => started.has(id))) {
    const ago = await closedMsAgo(client, nested, started.get(nested));
    if (ago === undefined) continue;
    if (ago < HEARS_WITHIN_MS) throw askAgain(nested, `${nested} has only just ended`, HEARS_WITHIN_MS - ago);
    lost.push(nested);
  }
  return lost;
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
