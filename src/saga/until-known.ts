import { condition, log } from '@temporalio/workflow';
import type { Operation } from './call';
import { attempt } from './call-activity';
import type { StuckPolicy } from './definition';
import type { Entry, Outcome } from './ledger';
import type { SagaState } from './saga-state';

/** How an operation that is never given up ended: by itself, or by an operator's decision. */
export type Known = Exclude<Outcome, { kind: 'unknown' }> | { readonly kind: 'skipped' };

/**
 * Runs rounds of an operation until its outcome is known: a pivot, a retriable step (S7), a compensation (S5).
 * Between two rounds the saga is visibly stuck and listens to the desk (S6). Never gives up by itself and never
 * swallows a failure.
 * @param onStuck called once, when the first round is used up.
 */
export async function untilKnown(
  state: SagaState,
  entry: Entry,
  op: Operation,
  policy: StuckPolicy,
  reason?: string,
  onStuck: () => void = () => undefined,
): Promise<Known> {
  for (let round = 1; ; round++) {
    const outcome = await attempt(entry, op, reason);
    if (outcome.kind !== 'unknown') return unstuck(state, entry, op, outcome);
    state.ledger.stuck(entry, op, outcome.failure);
    state.publish();
    log.warn('saga is stuck', { step: entry.id, op, round, ...outcome.failure });
    if (round === 1) onStuck();
    await condition(() => state.desk.hasVerdict(entry), pauseAfter(round, policy), {
      summary: `stuck at ${entry.id}: pause before round ${round + 1}`,
    });
    const verdict = state.desk.takeVerdict(entry);
    if (verdict?.verb === 'skip') return unstuck(state, entry, op, { kind: 'skipped' });
    if (verdict?.verb === 'resolve') {
      return unstuck(state, entry, op, { kind: 'succeeded', output: verdict.output });
    }
    if (verdict?.input) {
      entry.input = verdict.input.corrected;
      entry.corrected = true;
    }
  }
}

function unstuck(state: SagaState, entry: Entry, op: Operation, known: Known): Known {
  if (entry.stuck) state.ledger.stuck(entry, op);
  return known;
}

const MINUTE = 60_000;

function pauseAfter(
  round: number,
  { firstPauseMs = MINUTE, longestPauseMs = 360 * MINUTE }: StuckPolicy,
): number {
  return Math.min(firstPauseMs * 4 ** (round - 1), longestPauseMs);
}
