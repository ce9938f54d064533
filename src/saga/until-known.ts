import { CancellationScope, condition, isCancellation, log } from '@temporalio/workflow';
import { attempt } from './call-activity';
import type { Operation } from './call';
import { CANCELLED, engineFailure, NO_WORKER, RESET_AFTER_UNDO, RESET_PAST_PIVOT } from './core/failures';
import { type Entry, isHeldBack, type Outcome } from './core/entry';
import type { SagaState } from './core/saga-state';
import type { StuckPolicy } from './definition';
import type { HistoryRoom } from './history-room';

/** How an operation ended that an operator may decide: by itself, or skipped. */
export type Known = Outcome | { readonly kind: 'skipped' };

/** An operation of an entry, and when to give it up. */
export interface Tried {
  readonly entry: Entry;
  readonly op: Exclude<Operation, 'probe'>;
  /** With `undo`: the code of what made the saga unwind. */
  readonly reason?: string;
  /** Repeats an action that was answered before, to hear whether it still counts (S17). */
  readonly again?: boolean;
  /** Whether an outcome that is unknown after a round ends it. An operation that no worker took is never given up. */
  readonly givesUp: (outcome: Outcome) => boolean;
}

/**
 * Runs rounds of an operation until its outcome is known or given up: a pivot, a retriable step (S7), a compensation
 * (S5), any step of an express saga, and whatever no worker takes (S19). Between two rounds the saga is visibly stuck
 * and listens to the desk (S6). Never swallows a failure.
 */
export async function untilKnown(
  state: SagaState,
  room: HistoryRoom,
  changed: () => void,
  tried: Tried,
): Promise<Known> {
  const { ledger, desk, policy } = state;
  const { entry, op } = tried;
  const since = Date.now();
  let held = op === 'undo' && isHeldBack(entry);

  function ended(known: Known): Known {
    if (entry.stuck) state.unstuck(entry);
    return known;
  }
  for (let round = 1; ; round++) {
    const outcome = held
      ? earlierPivot(entry)
      : finalAnswer(state, tried, await runRound(state, tried, noWorkerAfter(round, policy), since));
    if (outcome.kind !== 'unknown') return ended(outcome);
    const noWorker = outcome.failure.code === NO_WORKER;
    const overruled = outcome.failure.code === CANCELLED && desk.hasVerdict(entry);
    if (!noWorker && !overruled && tried.givesUp(outcome)) return ended(outcome);
    if (!overruled) {
      // A round that no worker took was a pause itself.
      const pause = noWorker ? 0 : pauseAfter(round, policy);
      // Each round adds to the history, and at its limit the server would end the saga: then only an operator goes on.
      const retryAt = held || room.isShort ? undefined : Date.now() + pause;
      ledger.stuck(entry, op, outcome.failure, retryAt);
      changed();
      log.warn('saga is stuck', { step: entry.id, op, round, ...outcome.failure });
      const summary = `stuck at ${entry.id}: pause before round ${round + 1}`;
      try {
        if (retryAt === undefined) await condition(() => desk.hasVerdict(entry));
        else if (!noWorker) await condition(() => desk.hasVerdict(entry), pause, { summary });
      } catch (error) {
        // Only an action that is not tried until it is known can be cancelled while it waits.
        if (isCancellation(error)) return ended(outcome);
        throw error;
      }
    }
    const verdict = desk.takeVerdict(entry);
    switch (verdict?.verb) {
      case 'skip':
        return ended({ kind: 'skipped' });
      case 'resolve':
        return ended({ kind: 'succeeded', output: verdict.output });
      case 'retry':
        ledger.correct(entry, verdict.corrections);
        held &&= entry.step.compensation === undefined;
        break;
      case undefined:
        break;
    }
  }
}

/** It may be final, so an operator says whether it is undone: a retry does so (S17). */
function earlierPivot({ id, step }: Entry): Outcome {
  const how =
    step.compensation === undefined
      ? 'it declares no compensation'
      : `a retry compensates it by ${step.compensation}`;
  const message = `a run before the reset has passed the pivot ${id}, or may have, and this run has not; ${how}`;
  return { kind: 'unknown', failure: engineFailure(RESET_PAST_PIVOT, message) };
}

/** After the pivot there is no way back to take when a step turns out to have been undone: an operator decides (S17). */
function finalAnswer({ phase }: SagaState, { again, entry }: Tried, outcome: Outcome): Outcome {
  if (!again || phase !== 'committed' || outcome.kind !== 'refused') return outcome;
  const message = `${entry.id} was undone before the workflow was reset, and the saga is past its pivot`;
  return { kind: 'unknown', failure: engineFailure(RESET_AFTER_UNDO, message) };
}

/** One round. One that waits for a worker ends at once when an operator decides. */
async function runRound(
  state: SagaState,
  { entry, op, reason, again = false }: Tried,
  noWorkerAfterMs: number,
  since: number,
): Promise<Outcome> {
  const run = () =>
    attempt(state, entry, op, { noWorkerAfterMs, since, again, ...(reason !== undefined && { reason }) });
  if (entry.stuck?.failure.code !== NO_WORKER) return await run();
  const round = new CancellationScope();
  const listening = new CancellationScope();
  listening
    .run(() => condition(() => state.desk.hasVerdict(entry)))
    .then(
      () => round.cancel(),
      () => undefined,
    );
  try {
    return await round.run(run);
  } finally {
    listening.cancel();
  }
}

const MINUTE = 60_000;
const LONGEST_MS = 360 * MINUTE;

function pauseAfter(
  round: number,
  { firstPauseMs = MINUTE, longestPauseMs = LONGEST_MS }: StuckPolicy,
): number {
  return Math.min(firstPauseMs * 4 ** (round - 1), longestPauseMs);
}

/** Grows like the pauses: each round of waiting adds events, and loses the call its place in the task queue. */
export function noWorkerAfter(round: number, { noWorkerAfterMs = 10 * MINUTE }: StuckPolicy): number {
  return Math.min(noWorkerAfterMs * 4 ** (round - 1), Math.max(LONGEST_MS, noWorkerAfterMs));
}
