import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What visibility shows beside the workflow's own status: both together give a saga's state.
 * - `FORWARD`: set by the client at the start, and again when a saga stuck after its pivot moves on;
 * - `UNWINDING`: compensations are running;
 * - `STUCK`: an operator is needed, see {@link SagaStuckStep};
 * - `COMPENSATED`: all that was done is undone;
 * - `PARTLY_COMPENSATED`: it is over, and an effect remains: an operator skipped its compensation, or it is irreversible.
 *
 * A saga that completes without trouble keeps `FORWARD` (S15: the happy path writes nothing extra).
 */
export type SagaStatusValue = 'FORWARD' | 'UNWINDING' | 'STUCK' | 'COMPENSATED' | 'PARTLY_COMPENSATED';

/** The state of a saga: a {@link SagaStatusValue}. */
export const SagaStatus = defineSearchAttributeKey('SagaStatus', 'KEYWORD');
/** The code of what made the saga unwind. */
export const SagaReason = defineSearchAttributeKey('SagaReason', 'KEYWORD');
/** The step that is stuck. */
export const SagaStuckStep = defineSearchAttributeKey('SagaStuckStep', 'KEYWORD');

/** What a namespace must know before a saga starts: an unregistered attribute fails its workflow task for ever. */
export const sagaSearchAttributes = [SagaStatus, SagaReason, SagaStuckStep];
