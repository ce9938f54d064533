import { closeTask, arrive, arriveSent, nextArrival } from './arrivals';
import type { Change, Command, Happened, SagaEvent } from './events';
import { abandoned, resolved, retried, skipped } from './desk';
import { begin, beginStep, beginUndo } from './operation';
import {
  bodyFailed,
  bodyReturned,
  interrupt,
  pivotApproached,
  savePointFailed,
  unwindAll,
  unwound,
} from './phases';
import type { SagaState } from './state';
import { advance, goesOnByItself, nextUnwinding } from './unwinding';

/**
 * One saga as a state machine: what happened changes its state, and says what is to be done. Knows no Temporal, calls nothing
 * and waits for nothing, so every way through it can be explored without a server (`test/explorer`).
 * @returns what to do, in this order.
 */
export function transition(state: SagaState, event: SagaEvent): readonly Command[] {
  const change: Change = { at: event.at, now: [], begun: [] };
  apply(state, change, event);
  beginSteps(state, change);
  deliverAnswers(state, change);
  // What is about to change again is not shown. That does not depend on what waits for its turn: a replay may have more of that.
  const shown: readonly Command[] = goesOnByItself(state) ? [] : [{ do: 'publish' }];
  return [...change.now, ...shown, ...change.begun];
}

function apply(state: SagaState, change: Change, event: SagaEvent): void {
  const { ledger } = state;
  switch (event.type) {
    case 'step-requested':
      state.waitingSteps.push(event);
      return;
    case 'pivot-approached':
      return pivotApproached(state, event.ticket);
    case 'save-point-set':
      return ledger.addSavePoint(event.savePoint);
    case 'save-point-passed':
      event.savePoint.ended = true;
      return;
    case 'save-point-failed':
      return savePointFailed(state, change, event);
    case 'part-failed':
      if (state.express) state.failures.push(event.ticket);
      else change.now.push({ do: 'resume', ticket: event.ticket });
      return;
    case 'body-returned':
      return bodyReturned(state);
    case 'body-failed':
      return bodyFailed(state, change, event.reason);
    case 'wait-began':
      state.waits = [...state.waits, event.wait];
      return;
    case 'wait-ended':
      state.waits = state.waits.filter((wait) => wait !== event.wait);
      return;
    case 'at-rest':
      return conclude(state, change);
    case 'answered':
    case 'probed':
    case 'resumed':
      return arrive(state, change, event, state.runsInTask(event.operation));
    case 'interrupted':
      if (interrupt(state, change, event.by))
        (event.by === 'abandon' ? arriveSent : arrive)(state, change, { type: 'interruption' });
      return;
    case 'message-received':
      return (event.sentIn === undefined ? arrive : arriveSent)(state, change, event, state.over);
    case 'arrivals-awaited':
      return arrive(state, change, event, state.over);
    case 'to-be-recorded':
      return closeTask(state, event.task);
    case 'nested-reported':
      ledger.nestedStuck(event);
      if (event.effectsRemain) event.entry.effectsRemain = true;
      return;
    case 'desk-retried':
      return retried(state, event);
    case 'desk-resolved':
      return resolved(state, event);
    case 'desk-skipped':
      return skipped(state, event);
    case 'desk-abandoned':
      return abandoned(state, event);
    case 'closing':
      return handInMessages(state, change);
    case 'restored':
      return restore(state, change, event);
    case 'stack-awaited':
      state.phase = 'unwinding';
      state.reason = event.reason;
      return;
    case 'stack-taken-over':
      ledger.entries.push(...event.entries);
      return unwindAll(state, change, event.reason, 'rescue');
    case 'draining':
      state.draining = true;
      return;
    case 'earlier-runs-asked': {
      // What is in flight holds up every unwinding of the whole saga.
      state.lookingBack = true;
      const entry = ledger.begin(event.step, { at: event.at, input: event.question });
      return begin(state, change, { type: 'look-back', entry, ticket: event.ticket });
    }
    case 'confirmation-asked':
      return begin(state, change, { type: 'confirm', entry: event.entry, ticket: event.ticket });
    case 'leftovers-found':
    case 'undone-found':
      return arrive(state, change, event);
  }
}

/**
 * The body has gone on as far as it can: one thing follows. Express: a part of it that has failed goes on; else one step of one
 * unwinding; else the turn of what came from outside.
 */
function conclude(state: SagaState, change: Change): void {
  if (!state.isRecorded) return;
  const failed = state.failures.shift();
  if (failed !== undefined) {
    change.now.push({ do: 'resume', ticket: failed });
    return;
  }
  const unwinding = nextUnwinding(state);
  if (!unwinding) return nextArrival(state, change);
  for (const entry of advance(state, unwinding)) beginUndo(state, change, entry, unwinding.reason);
  if (!unwinding.ended) return;
  unwound(state, change, unwinding);
  if (unwinding.ticket !== undefined) change.now.push({ do: 'resume', ticket: unwinding.ticket });
}

/** Begins what the body has asked for, as far as there is room for it (S18). */
function beginSteps(state: SagaState, change: Change): void {
  while (state.admits) {
    const next = state.waitingSteps.shift();
    if (!next) return;
    beginStep(state, change, next);
  }
}

/**
 * Answers the body what it may know by now. Express: when no step runs, in the order in which the steps began. The answers of a
 * repeated workflow task come in another order, and the body must go the same way (decision 0009).
 */
function deliverAnswers(state: SagaState, change: Change): void {
  if (!state.isRecorded) return;
  const inOrder = state.undelivered.splice(0).sort((a, b) => a.entry.began - b.entry.began);
  for (const { ticket, entry } of inOrder) {
    if (state.isOrphaned(entry.savePoint)) continue;
    change.now.push({ do: 'resume', ticket, entry, ...(entry.outcome && { result: entry.outcome }) });
  }
}

/** The workflow ends: messages whose turn has not come go to their handlers, so that who sent an Update has its answer. */
function handInMessages(state: SagaState, { now }: Change): void {
  for (const arrival of [...state.arrivals, ...state.sent])
    if (arrival.type === 'message-received') now.push({ do: 'resume', ticket: arrival.ticket });
}

/** Goes on with what an earlier run carried over. */
function restore(
  state: SagaState,
  change: Change,
  { carried, everyKind }: Extract<Happened, { readonly type: 'restored' }>,
): void {
  const { phase, reason, interruptions, desk, ledger } = carried;
  state.ledger.restore(ledger);
  state.interruptions.restore(interruptions);
  state.deskActs.push(...desk);
  state.phase = phase;
  if (phase === 'unwinding' && reason) unwindAll(state, change, reason, everyKind ? 'rescue' : 'saga');
}
