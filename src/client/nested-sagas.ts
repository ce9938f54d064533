import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { NestedResult } from '../saga/nested';
import type { RescueEntry } from '../saga/rescue-input';
import { entriesToUndo } from './entries-to-undo';
import { SagaClientError } from './errors';
import type { RebuiltEntry, RebuiltLedger } from './ledger-of';
import { readOutcome } from './outcome';

/**
 * Completes what a saga's history tells of the sagas that were its steps (S10): how one ended that was still running
 * when the parent's history ended, and what stands of one that was itself ended by force.
 * @param ledgerOf reads the ledger of such a saga.
 */
export async function withNestedSagas(
  client: Client,
  ledger: RebuiltLedger,
  ledgerOf: (sagaId: string) => Promise<RebuiltLedger>,
): Promise<RebuiltLedger> {
  const entries = await Promise.all(
    ledger.entries.map(async (entry) =>
      entry.nested === undefined || entry.succeeded || entry.undone
        ? entry
        : await ended(client, entry, entry.nested, ledgerOf),
    ),
  );
  return { ...ledger, entries };
}

async function ended(
  client: Client,
  entry: RebuiltEntry,
  sagaId: string,
  ledgerOf: (sagaId: string) => Promise<RebuiltLedger>,
): Promise<RebuiltEntry> {
  const outcome = await readOutcome<unknown>(client, sagaId).catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return { kind: 'never started' as const };
    throw error;
  });
  switch (outcome.kind) {
    case 'running':
    case 'stuck':
      return { ...entry, running: true };
    case 'completed':
      return { ...entry, succeeded: true, output: await client.workflow.getHandle(sagaId).result() };
    case 'terminated': {
      const entries = standingOf(await ledgerOf(sagaId), sagaId);
      const left: NestedResult = { result: null, entries, leaves: false };
      return { ...entry, succeeded: true, output: left };
    }
    default:
      return { ...entry, undone: true };
  }
}

function standingOf(ledger: RebuiltLedger, sagaId: string): readonly RescueEntry[] {
  try {
    return entriesToUndo(ledger, sagaId, 'rescue');
  } catch (error) {
    if (error instanceof SagaClientError && error.code === 'NOTHING_TO_UNDO') return [];
    throw error;
  }
}
