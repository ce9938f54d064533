import type { Client } from '@temporalio/client';
import type { StepCall } from '../saga/call';
import { NESTED_IN } from '../saga/nested';
import { recordedPolicy } from '../saga/memo';
import { setPriority } from '../saga/priority';
import { readCallEvents } from './call-events';
import { addEarlierRuns } from './earlier-runs';
import { describeIfFound } from './describe';
import { readEffects } from './effects';
import type { RebuiltLedger } from './rebuild-ledger';
import { addNestedSagas } from './nested-sagas';
import type { ParticipantRecord, SagaRecords } from './records';
import { addRecords } from './add-records';

/**
 * What a saga did, from its history and from what the participants' records know besides. What forbids undoing a nested
 * saga is in its entry.
 * @param runId absent when its workflow is gone: then the records are all there is.
 * @param records say which effects of its nested sagas remain.
 */
export async function readLedger(
  client: Client,
  sagaId: string,
  runId: string | undefined,
  remaining: readonly ParticipantRecord[],
  records: readonly SagaRecords[],
): Promise<RebuiltLedger> {
  const own =
    runId === undefined
      ? { entries: [] }
      : await addEarlierRuns(client, sagaId, runId, await readCallEvents(client, sagaId, runId), records);
  return addRecords(await completeNested(client, sagaId, own, records), remaining);
}

/** Adds what the histories and records of a saga's nested sagas tell of them. */
export async function completeNested(
  client: Client,
  sagaId: string,
  ledger: RebuiltLedger,
  records: readonly SagaRecords[],
): Promise<RebuiltLedger> {
  const nested = async (id: string) => {
    const saga = await describeIfFound(client, id);
    const ofNested = await readEffects(client, id, saga ? [saga] : [], records);
    const policy = recordedPolicy(saga?.memo);
    const priority = setPriority(saga?.priority);
    return {
      ledger: await readLedger(client, id, saga?.runId, ofNested, records),
      ...(policy && { policy }),
      ...(priority && { priority }),
    };
  };
  return await addNestedSagas(client, await dropForeignSteps(client, sagaId, ledger), nested);
}

/** A step that was to be a saga, and whose id belongs to a workflow of someone else, never happened (S10). */
async function dropForeignSteps(
  client: Client,
  sagaId: string,
  ledger: RebuiltLedger,
): Promise<RebuiltLedger> {
  const entries = await Promise.all(
    ledger.entries.map(async (entry) => {
      if (entry.nested === undefined || entry.succeeded || entry.undone) return entry;
      const there = await describeIfFound(client, entry.nested);
      const call = there?.memo?.[NESTED_IN] as Partial<StepCall> | undefined;
      return there && call?.sagaId !== sagaId ? { ...entry, undone: true } : entry;
    }),
  );
  return { ...ledger, entries };
}
