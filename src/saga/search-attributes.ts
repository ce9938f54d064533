import { defineSearchAttributeKey } from '@temporalio/common';

/**
 * What visibility shows beside the workflow's own status: both together say how a saga stands.
 * - `FORWARD`: set by the client at the start, and again when a saga stuck after its pivot moves on;
 * - `UNWINDING`: compensations are running;
 * - `STUCK`: an operator is needed, see {@link SagaStuckStep};
 * - `COMPENSATED`: all that was done is undone;
 * - `PARTLY_COMPENSATED`: it is over, and something stands: an operator skipped it, or it is irreversible.
 *
 * A saga that completes without trouble keeps `FORWARD` (S15: the happy path writes nothing extra).
 */
export type SagaStatusValue = 'FORWARD' | 'UNWINDING' | 'STUCK' | 'COMPENSATED' | 'PARTLY_COMPENSATED';

/** Where a saga stands, as {@link SagaStatusValue} says. */
export const SagaStatus = defineSearchAttributeKey('SagaStatus', 'KEYWORD');
/** The code of what made the saga unwind. */
export const SagaReason = defineSearchAttributeKey('SagaReason', 'KEYWORD');
/** The step at which a stuck saga stands. */
export const SagaStuckStep = defineSearchAttributeKey('SagaStuckStep', 'KEYWORD');

/** What a namespace must know before a saga starts: an unregistered attribute fails its workflow task for ever. */
export const sagaSearchAttributes = [SagaStatus, SagaReason, SagaStuckStep];
