import { type Client, WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { TypedSearchAttributes } from '@temporalio/common';
import type { rescueSaga } from '../saga/rescue';
import type { RescueEntry, RescueWhy } from '../saga/rescue-input';
import { SagaStatus } from '../saga/search-attributes';
import { readCallEvents } from './call-events';
import { SagaClientError } from './errors';
import { ledgerOf, type RebuiltLedger } from './ledger-of';
import { readOutcome, type SagaOutcome } from './outcome';

/** A rescue or reverse of a saga, started now or earlier. */
export interface StartedRescue {
  readonly sagaId: string;
  /** The workflow that undoes it: a saga of its own to wait for, to list and to ask for its report. */
  readonly rescueId: string;
  /** `false` when the same had been started before and runs, or has undone everything. */
  readonly started: boolean;
}

/**
 * Starts the workflow that undoes a saga which has ended, from its history. Nothing is started twice while it runs
 * or after it succeeded; one that was itself ended by force is started again.
 * @throws SagaClientError see {@link SagaClient.rescue} and {@link SagaClient.reverse}.
 * @throws WorkflowNotFoundError
 */
export async function startRescue(client: Client, sagaId: string, why: RescueWhy): Promise<StartedRescue> {
  refuseOutcome(await readOutcome(client, sagaId), sagaId, why);
  const { runId, taskQueue } = await client.workflow.getHandle(sagaId).describe();
  const entries = entriesToUndo(ledgerOf(await readCallEvents(client, sagaId, runId)), sagaId, why);
  const rescueId = `${sagaId}-${why}`;
  try {
    await client.workflow.start<typeof rescueSaga>('rescueSaga', {
      workflowId: rescueId,
      taskQueue,
      args: [{ sagaId, runId, why, entries }],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      workflowIdConflictPolicy: 'FAIL',
      typedSearchAttributes: new TypedSearchAttributes([{ key: SagaStatus, value: 'UNWINDING' }]),
      staticSummary: summaryOf(why, sagaId),
    });
    return { sagaId, rescueId, started: true };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    return { sagaId, rescueId, started: false };
  }
}

function refuseOutcome({ kind }: SagaOutcome<unknown>, sagaId: string, why: RescueWhy): void {
  if (kind === 'running' || kind === 'stuck') {
    throw new SagaClientError('SAGA_RUNNING', sagaId, `${sagaId} is ${kind}: cancel it, or wait for its end`);
  }
  if (kind === 'compensated' || kind === 'cancelled' || kind === 'partly-compensated') {
    throw new SagaClientError('NOTHING_TO_UNDO', sagaId, `${sagaId} is ${kind}: it has unwound itself`);
  }
  if (kind === 'completed' && why === 'rescue') {
    throw new SagaClientError(
      'NOTHING_TO_UNDO',
      sagaId,
      `${sagaId} is completed and needs no rescue; to take it back, reverse it`,
    );
  }
}

function entriesToUndo(ledger: RebuiltLedger, sagaId: string, why: RescueWhy): RescueEntry[] {
  const old = ledger.entries.find(({ kind }) => kind === undefined);
  if (old) {
    throw new SagaClientError(
      'HISTORY_TOO_OLD',
      sagaId,
      `${sagaId} began under a version that did not keep in its history how ${old.step} is undone: undo it by hand`,
    );
  }
  const { pivot } = ledger;
  if (pivot && why === 'rescue') {
    throw new SagaClientError(
      'PIVOT_PASSED',
      sagaId,
      `${sagaId} had begun its pivot ${pivot.step}, which is not known to be refused: a rescue would undo what may be final; to take all of it back, reverse it`,
    );
  }
  if (pivot && pivot.compensation === undefined) {
    throw new SagaClientError(
      'PIVOT_IRREVERSIBLE',
      sagaId,
      `${sagaId} cannot be reversed: its pivot ${pivot.step} declares no compensation`,
    );
  }
  const entries = ledger.entries.flatMap(({ kind, compensation, undone, refused, ...entry }) =>
    kind === undefined || compensation === undefined || undone || refused
      ? []
      : [{ ...entry, kind, compensation }],
  );
  if (entries.length > 0) return entries;
  throw new SagaClientError('NOTHING_TO_UNDO', sagaId, `${sagaId} left nothing that could be undone`);
}

/** The server keeps 200 bytes; a character that is cut in two becomes one of three bytes. */
function summaryOf(why: RescueWhy, sagaId: string): string {
  return Buffer.from(`${why} of ${sagaId}`).subarray(0, 197).toString();
}
