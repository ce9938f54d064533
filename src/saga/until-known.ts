import { condition, log, sleep } from '@temporalio/workflow';
import { attempt } from './call-activity';
import type { Entry, Outcome } from './core/ledger';
import type { SagaState } from './core/saga-state';
import type { StuckPolicy } from './definition';

/** How an operation that is never given up ended: by itself, or by an operator's decision. */
export type Known = Exclude<Outcome, { kind: 'unknown' }> | { readonly kind: 'skipped' };

/**
 * Runs rounds of an operation until its outcome is known: a pivot, a retriable step (S7), a compensation (S5), any
 * step of an express saga. Between two rounds the saga is visibly stuck and listens to the desk (S6). Never gives up by
 * itself and never swallows a failure.
 */
export async function untilKnown(
  { ledger, desk, policy, express }: SagaState,
  changed: () => void,
  entry: Entry,
  op: 'do' | 'undo',
  reason?: string,
): Promise<Known> {
  function unstuck(known: Known): Known {
    if (entry.stuck) ledger.stuck(entry, op);
    return known;
  }
  for (let round = 1; ; round++) {
    const outcome = await attempt(entry, op, reason);
    if (outcome.kind !== 'unknown') return unstuck(outcome);
    ledger.stuck(entry, op, outcome.failure);
    changed();
    log.warn('saga is stuck', { step: entry.id, op, round, ...outcome.failure });
    await condition(() => desk.hasVerdict(entry), pauseAfter(round, policy), {
      summary: `stuck at ${entry.id}: pause before round ${round + 1}`,
    });
    const verdict = desk.takeVerdict(entry);
    // An Update is recorded when its workflow task is; no local activity may run before that (decision 0009).
    if (verdict && express) await sleep(1, { summary: 'records the decision' });
    switch (verdict?.verb) {
      case 'skip':
        return unstuck({ kind: 'skipped' });
      case 'resolve':
        return unstuck({ kind: 'succeeded', output: verdict.output });
      case 'retry':
        if (!verdict.input) break;
        entry.input = verdict.input.corrected;
        entry.corrected = true;
        break;
      case undefined:
        break;
    }
  }
}

const MINUTE = 60_000;

function pauseAfter(
  round: number,
  { firstPauseMs = MINUTE, longestPauseMs = 360 * MINUTE }: StuckPolicy,
): number {
  return Math.min(firstPauseMs * 4 ** (round - 1), longestPauseMs);
}
