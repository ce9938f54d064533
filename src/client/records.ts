import type { Client } from '@temporalio/client';
import type { RemainingRecord, UndoneRecord } from '../saga/call';

/** What one participant's database knows of sagas, by the namespace of their workflows. `RecordsReader` of `./participant` is one. */
export interface SagaRecords {
  /** What people are shown. */
  readonly participant: string;
  /** The actions of these sagas that were done and not undone, in any order; without read-only ones. */
  remaining(namespace: string, sagaIds: readonly string[]): Promise<readonly RemainingRecord[]>;
  /** Pages of the ids of all sagas of the namespace of which an effect remains: each saga once, and no page much larger than asked. */
  sagaIds(namespace: string, pageSize: number): AsyncIterable<readonly string[]>;
  /** What was done and undone of these sagas, in any order; read-only actions left out. */
  undone(namespace: string, sagaIds: readonly string[]): Promise<readonly UndoneRecord[]>;
  /** Pages of the ids of all sagas of the namespace of which something was undone, as {@link sagaIds} gives them. */
  undoneSagaIds(namespace: string, pageSize: number): AsyncIterable<readonly string[]>;
}

/** A record, and whose it is. */
export interface ParticipantRecord extends RemainingRecord {
  readonly participant: string;
}

/**
 * The remaining effects of these sagas of the client's namespace by all records, per saga; sagas without any are left
 * out.
 */
export async function readRemaining(
  client: Client,
  records: readonly SagaRecords[],
  sagaIds: readonly string[],
): Promise<ReadonlyMap<string, readonly ParticipantRecord[]>> {
  const { namespace } = client.options;
  const bySaga = new Map<string, ParticipantRecord[]>();
  if (sagaIds.length === 0) return bySaga;
  const read = await Promise.all(
    records.map(async (source) =>
      (await source.remaining(namespace, sagaIds)).map((record) => ({
        ...record,
        participant: source.participant,
      })),
    ),
  );
  for (const remaining of read.flat()) {
    const known = bySaga.get(remaining.sagaId);
    if (known) known.push(remaining);
    else bySaga.set(remaining.sagaId, [remaining]);
  }
  return bySaga;
}

/** The remaining effects of one saga. */
export async function remainingOf(
  client: Client,
  records: readonly SagaRecords[],
  sagaId: string,
): Promise<readonly ParticipantRecord[]> {
  return (await readRemaining(client, records, [sagaId])).get(sagaId) ?? [];
}

/** What a rescue has to undo, if it remains: the steps that an unwinding undoes, and those of unknown kind. */
export function isUndoable({ kind }: ParticipantRecord): boolean {
  return kind === undefined || kind === 'compensatable' || kind === 'pivot';
}
