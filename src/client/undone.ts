import type { Client } from '@temporalio/client';
import type { UndoneRecord } from '../saga/call';
import type { SagaRecords } from './records';

/** A step that was done and undone by a participant's records. */
export interface UndoneStep extends UndoneRecord {
  readonly participant: string;
}

/** What was done and undone of these sagas by all records, per saga; sagas of which nothing was are left out. */
export async function readUndone(
  client: Client,
  records: readonly SagaRecords[],
  sagaIds: readonly string[],
): Promise<ReadonlyMap<string, readonly UndoneStep[]>> {
  const bySaga = new Map<string, UndoneStep[]>();
  if (sagaIds.length === 0) return bySaga;
  const { namespace } = client.options;
  const read = await Promise.all(
    records.map(async (source) =>
      (await source.undone(namespace, sagaIds)).map((record) => ({
        ...record,
        participant: source.participant,
      })),
    ),
  );
  for (const undone of read.flat()) {
    bySaga.set(undone.sagaId, [...(bySaga.get(undone.sagaId) ?? []), undone]);
  }
  return bySaga;
}
