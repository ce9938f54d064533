import { msToNumber } from '@temporalio/common/lib/time';
import type { Entry } from './core/entry';
import { engineFailure, STEP_UNKNOWN } from './core/failures';
import type { RescueEntry } from './rescue-input';

/** An entry as JSON, for another workflow to compensate; {@link standing} is the inverse. */
export function rescueEntry(entry: Entry): RescueEntry {
  const { id, step, input, corrected, summary, outcome, began, settled, startedAt, settledAt } = entry;
  const { compensation, attempts, compensationAttempts, participant } = step;
  return {
    step: id,
    kind: step.kind,
    taskQueue: participant.taskQueue,
    ...(participant.name !== participant.taskQueue && { participant: participant.name }),
    action: step.action,
    ...(compensation !== undefined && { compensation }),
    ...(!isEmpty(attempts) && { attempts }),
    ...(!isEmpty(compensationAttempts) && { compensationAttempts }),
    startToCloseMs: msToNumber(compensationAttempts.startToClose ?? '10s'),
    ...(summary !== undefined && { summary }),
    ...(step.nested && { nested: true }),
    input,
    ...(corrected && { corrected }),
    ...(outcome?.kind === 'succeeded' ? { succeeded: true, output: outcome.output } : { succeeded: false }),
    began,
    startedAt,
    ...(settled !== undefined && Number.isFinite(settled) && { settled }),
    ...(settledAt !== undefined && { settledAt }),
  };
}

/** The ledger entry of an entry that was handed on or rebuilt; its calls carry the keys of that saga. */
export function standing(sagaId: string, carried: RescueEntry): Entry {
  const { step, kind, taskQueue, action = '', compensation, summary, corrected, succeeded } = carried;
  return {
    id: step,
    sagaId,
    step: {
      kind,
      name: step,
      // A history names only the participant's task queue, which is enough to reach it.
      participant: { name: carried.participant ?? taskQueue, taskQueue },
      action,
      ...(compensation !== undefined && { compensation }),
      ...(carried.nested && { nested: { workflow: action, taskQueue } }),
      refusals: [],
      attempts: carried.attempts ?? {},
      compensationAttempts: carried.compensationAttempts ?? { startToClose: carried.startToCloseMs },
    },
    input: carried.input,
    ...(corrected && { corrected }),
    ...(summary !== undefined && { summary }),
    began: carried.began,
    // What was in flight when the saga ended overlaps everything after it.
    settled: carried.settled ?? Infinity,
    startedAt: carried.startedAt,
    ...(carried.settledAt !== undefined && { settledAt: carried.settledAt }),
    outcome: succeeded
      ? { kind: 'succeeded', output: carried.output }
      : { kind: 'unknown', failure: UNANSWERED },
  };
}

const UNANSWERED = engineFailure(STEP_UNKNOWN, 'no success of its action is known');

function isEmpty(object: object): boolean {
  return Object.keys(object).length === 0;
}
