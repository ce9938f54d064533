import { log, sleep } from '@temporalio/workflow';
import type { Operation } from './call';
import { attempt } from './call-activity';
import type { StuckPolicy } from './definition';
import type { Entry, Outcome } from './ledger';
import type { SagaState } from './saga-state';

/**
 * Runs rounds of an operation until its outcome is known: a pivot, a retriable step (S7), a compensation (S5).
 * Between two rounds the saga is visibly stuck. Never gives up and never swallows a failure.
 */
export async function untilKnown(
  state: SagaState,
  entry: Entry,
  op: Operation,
  policy: StuckPolicy,
  reason?: string,
): Promise<Exclude<Outcome, { kind: 'unknown' }>> {
  for (let round = 1; ; round++) {
    const outcome = await attempt(entry, op, reason);
    if (outcome.kind !== 'unknown') {
      if (entry.stuck) state.ledger.stuck(entry, op);
      return outcome;
    }
    state.ledger.stuck(entry, op, outcome.failure);
    state.publish();
    log.warn('saga is stuck', { step: entry.id, op, round, ...outcome.failure });
    await sleep(pauseAfter(round, policy), {
      summary: `stuck at ${entry.id}: pause before round ${round + 1}`,
    });
  }
}

const MINUTE = 60_000;

function pauseAfter(
  round: number,
  { firstPauseMs = MINUTE, longestPauseMs = 360 * MINUTE }: StuckPolicy,
): number {
  return Math.min(firstPauseMs * 4 ** (round - 1), longestPauseMs);
}
