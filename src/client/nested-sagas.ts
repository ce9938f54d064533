import { type Client, WorkflowNotFoundError } from '@temporalio/client';
import type { Priority } from '@temporalio/common';
import type { NestedResult } from '../saga/nested';
import type { StuckPolicy } from '../saga/stuck-policy';
import { entriesToUndo } from './entries-to-undo';
import { SagaClientError } from './errors';
import type { RebuiltEntry, RebuiltLedger } from './rebuild-ledger';
import { outcomeOf, readLatestRun } from './outcome';

/** What is known of a nested saga by itself: its history, and the participants' records. */
export interface NestedLedger {
  readonly ledger: RebuiltLedger;
  readonly policy?: StuckPolicy;
  readonly priority?: Priority;
}

/**
 * Completes what a saga's history says about its nested sagas (S10): how one ended that still ran when the parent's
 * history ended, and what remains of one that was terminated. What forbids undoing one of them becomes the entry's `refusal`.
 * @param readNested reads such a saga. @throws SagaClientError `RECORDS_NEEDED`, `SAGA_RUNNING`
 */
export async function addNestedSagas(
  client: Client,
  ledger: RebuiltLedger,
  readNested: (sagaId: string) => Promise<NestedLedger>,
): Promise<RebuiltLedger> {
  const entries = await Promise.all(
    ledger.entries.map(async (entry) => {
      const { nested } = entry;
      if (nested === undefined || entry.undone) return entry;
      try {
        if (entry.succeeded) return await addMissingStack(entry, nested, readNested);
        return await completeUnsettled(client, entry, nested, readNested);
      } catch (error) {
        if (!(error instanceof SagaClientError)) throw error;
        return { ...entry, refusal: error };
      }
    }),
  );
  return { ...ledger, entries };
}

async function completeUnsettled(
  client: Client,
  entry: RebuiltEntry,
  sagaId: string,
  readNested: (sagaId: string) => Promise<NestedLedger>,
): Promise<RebuiltEntry> {
  const run = await readLatestRun(client, sagaId).catch((error: unknown) => {
    if (error instanceof WorkflowNotFoundError) return undefined;
    throw error;
  });
  switch (run && (await outcomeOf(run)).kind) {
    case 'running':
    case 'stuck':
      throw new SagaClientError(
        'SAGA_RUNNING',
        sagaId,
        `its step ${entry.step} is the saga ${sagaId}, which has not ended`,
      );
    case 'completed': {
      const output: unknown = await run?.handle.result();
      return await addMissingStack({ ...entry, succeeded: true, output }, sagaId, readNested);
    }
    case 'compensated':
    case 'partly-compensated':
    case 'cancelled':
      return { ...entry, undone: true };
    case 'terminated':
    case 'failed':
    // Never started, or deleted: then only the records tell.
    case undefined: {
      const known = await readUndoEntries(sagaId, readNested);
      if (known.entries.length === 0) return { ...entry, undone: true };
      const output: NestedResult = { result: null, effectsRemain: false, ...known };
      return { ...entry, succeeded: true, output };
    }
  }
}

/** The parent's history need not hold the stack of a nested saga that completed; its own history does. */
async function addMissingStack(
  entry: RebuiltEntry,
  sagaId: string,
  readNested: (sagaId: string) => Promise<NestedLedger>,
): Promise<RebuiltEntry> {
  const { stack, missing, ...result } = entry.output as NestedResult;
  if (stack === undefined && !missing) return entry;
  const { entries } = await readUndoEntries(sagaId, readNested);
  return { ...entry, output: { ...result, entries, ...(entries.length === 0 && { missing: true }) } };
}

/** Its parent undoes all of it, as it would have by itself: the pivot included. */
async function readUndoEntries(
  sagaId: string,
  readNested: (sagaId: string) => Promise<NestedLedger>,
): Promise<Pick<NestedResult, 'entries' | 'policy' | 'priority'>> {
  const { ledger, ...declared } = await readNested(sagaId);
  try {
    return { entries: entriesToUndo(ledger, sagaId, 'reverse'), ...declared };
  } catch (error) {
    if (error instanceof SagaClientError && error.code === 'NOTHING_TO_UNDO') return { entries: [] };
    throw error;
  }
}
