import type { StepKind } from '../saga/call';
import type { RescueEntry, RescueWhy } from '../saga/rescue-entry';
import { SagaClientError } from './errors';
import type { RebuiltEntry, RebuiltLedger } from './rebuild-ledger';
import type { SagaOutcome } from './outcome';

/** @throws SagaClientError `SAGA_RUNNING` or `NOTHING_TO_UNDO` when a saga in this state is not to be undone. */
export function requireUndoableOutcome({ kind }: SagaOutcome<unknown>, sagaId: string, why: RescueWhy): void {
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

/**
 * What a rescue or reverse is to undo of what a saga did. Pure.
 * @throws SagaClientError `PIVOT_PASSED`, `PIVOT_IRREVERSIBLE`, `HISTORY_TOO_OLD` or `NOTHING_TO_UNDO`; because of a saga that is its
 *   step also `SAGA_RUNNING` or `RECORDS_NEEDED`.
 */
export function entriesToUndo(ledger: RebuiltLedger, sagaId: string, why: RescueWhy): RescueEntry[] {
  for (const entry of ledger.entries) requireKind(entry, sagaId);
  const refused = ledger.entries.find((entry) => entry.refusal);
  if (refused?.refusal) throw refused.refusal;
  const { pivot } = ledger;
  if (pivot && why === 'rescue') {
    throw new SagaClientError(
      'PIVOT_PASSED',
      sagaId,
      `${sagaId} had begun its pivot${stepOf(pivot)}, which is not known to be refused: a rescue would undo what may be final; to take all of it back, reverse it`,
    );
  }
  if (pivot && pivot.compensation === undefined) {
    throw new SagaClientError(
      'PIVOT_IRREVERSIBLE',
      sagaId,
      pivot.kind === 'pivot'
        ? `${sagaId} cannot be reversed: its pivot ${pivot.step} declares no compensation`
        : `${sagaId} cannot be reversed: it is past its pivot, of which nothing is known but ${pivot.step}`,
    );
  }
  const entries = ledger.entries.flatMap(({ kind, compensation, undone, refused, nested, ...entry }) =>
    kind === undefined || compensation === undefined || undone || refused
      ? []
      : [{ ...dropHistoryFields(entry), kind, compensation, ...(nested !== undefined && { nested: true }) }],
  );
  if (entries.length > 0) return entries;
  throw new SagaClientError('NOTHING_TO_UNDO', sagaId, `${sagaId} left nothing that could be undone`);
}

/**
 * The kind of an entry's step, without which nobody knows how it is undone.
 * @throws SagaClientError `HISTORY_TOO_OLD`: the history was written by a version that did not record it.
 */
export function requireKind({ step, kind }: Pick<RebuiltEntry, 'step' | 'kind'>, sagaId: string): StepKind {
  if (kind) return kind;
  throw new SagaClientError(
    'HISTORY_TOO_OLD',
    sagaId,
    `${sagaId} began under a version that did not record how ${step} is undone: undo it by hand`,
  );
}

/** A step after the pivot may be all that proves it. */
function stepOf({ kind, step }: RebuiltEntry): string {
  return kind === 'pivot' ? ` ${step}` : '';
}

/** Without what only the reading of histories needs. */
export function dropHistoryFields<Read extends Partial<RebuiltEntry>>({
  clock: _clock,
  refusal: _refusal,
  leftover: _leftover,
  settlesAt: _settlesAt,
  ...entry
}: Read) {
  return entry;
}
