import { type Entry, isHeldBack, isUndone, type Outcome, type Stuck } from './entry';
import type { Change } from './events';
import type { Operation, OperationEvent, Result, StepRequest, Ticket } from './pending';
import {
  ACTION_BLOCKED,
  CANCELLED,
  engineFailure,
  type Failure,
  NO_WORKER,
  RESET_AFTER_UNDO,
  RESET_PAST_PIVOT,
} from './failures';
import { pivotKnown, unwindUnlessCommitted } from './phases';
import { pauseAfter } from './policy';
import type { SagaState } from './state';

type Answered = Extract<OperationEvent, { readonly type: 'answered' }>;

/** S1: a step begins, unless the body may not go on any more. */
export function beginStep(state: SagaState, change: Change, request: StepRequest): void {
  const { step, input, summary, savePoint, ticket } = request;
  if (state.over || state.isOrphaned(savePoint)) return;
  const entry = state.ledger.begin(step, { at: change.at, input, summary, savePoint });
  begin(state, change, { type: 'act', entry, ticket });
}

/** S5: does not end before its result is known. A probe comes first where the action's outcome is not (S2). */
export function beginUndo(state: SagaState, change: Change, entry: Entry, reason: string): void {
  state.ledger.beginUndo(entry, change.at);
  const operation = add(state, change, { type: 'compensate', entry, reason });
  if (entry.step.probe !== undefined && entry.outcome?.kind === 'unknown')
    change.begun.push({ do: 'probe', operation });
  else callUnlessHeld(state, change, operation);
}

/** Begins an operation that has no probe. */
export function begin(state: SagaState, change: Change, of: NewOperation): void {
  callUnlessHeld(state, change, add(state, change, of));
}

type NewOperation = Omit<Operation, 'round' | 'held' | 'since'>;

function add(state: SagaState, { at }: Change, of: NewOperation): Operation {
  const held = of.type === 'compensate' && isHeldBack(of.entry);
  const operation: Operation = { ...of, since: at, round: 1, held };
  state.operations.push(operation);
  return operation;
}

function callUnlessHeld(state: SagaState, change: Change, operation: Operation): void {
  if (operation.held) stop(state, change, operation, earlierPivot(operation.entry));
  else change.begun.push({ do: 'call', operation });
}

/** The probe has answered: a compensation may not be needed. */
export function probed(
  state: SagaState,
  change: Change,
  { operation, answer }: Extract<OperationEvent, { readonly type: 'probed' }>,
): void {
  if (answer) state.ledger.probed(operation.entry, answer);
  if (isUndone(operation.entry)) remove(state, operation);
  else callUnlessHeld(state, change, operation);
}

/**
 * A round is over: the operation's result is known (S2), or given up, or the saga is visibly stuck and the operation is tried
 * again after a pause, or when the desk says so: a pivot, a retriable step (S7), a compensation (S5), any step of an express
 * saga, and an operation that no worker takes (S19).
 */
export function answered(state: SagaState, change: Change, event: Answered): void {
  const { operation, effectsRemain, noRoom } = event;
  const { entry } = operation;
  if (effectsRemain) entry.effectsRemain = true;
  const outcome = finalAnswer(state, operation, event.outcome);
  if (outcome.kind !== 'unknown') return end(state, change, operation, outcome);
  const { failure } = outcome;
  // An operator has decided while it waited for a worker.
  if (failure.code === CANCELLED && entry.stuck?.decided) return resume(state, change, operation);
  if (failure.code !== NO_WORKER && givesUp(state, operation)) return end(state, change, operation, outcome);
  stop(state, change, operation, failure, noRoom);
}

/** What the pause was for has come: the next round, as the desk has decided if it has. */
export function resume(state: SagaState, change: Change, operation: Operation): void {
  const { entry } = operation;
  const verdict = entry.stuck?.decided?.verdict;
  delete entry.stuck?.decided;
  if (verdict?.verb === 'skip') return end(state, change, operation, { kind: 'skipped' });
  if (verdict?.verb === 'resolve')
    return end(state, change, operation, { kind: 'succeeded', output: verdict.output });
  if (verdict) {
    state.ledger.correct(entry, verdict.corrections);
    operation.held &&= entry.step.compensation === undefined;
  }
  operation.round++;
  callUnlessHeld(state, change, operation);
}

/** Whoever waits for it has given up while it paused. */
export function giveUp(state: SagaState, change: Change, operation: Operation): void {
  const failure = operation.entry.stuck?.failure;
  if (failure) end(state, change, operation, { kind: 'unknown', failure });
}

/** A round was used up. One that no worker took was a pause itself. */
function stop(
  state: SagaState,
  change: Change,
  operation: Operation,
  failure: Failure,
  noRoom = false,
): void {
  const { entry, round, held } = operation;
  const noWorker = failure.code === NO_WORKER;
  const pause = noWorker ? 0 : pauseAfter(round, state.policy);
  // Each round adds to the history, and at its limit the server would end the saga: then only an operator goes on.
  const retryAt = held || noRoom ? undefined : change.at + pause;
  const { since = change.at, rounds = 0, decided, proposal } = entry.stuck ?? ({} as Partial<Stuck>);
  entry.stuck = {
    ...(decided && { decided }),
    ...(proposal && { proposal }),
    op: verbOf(operation),
    since,
    rounds: rounds + 1,
    failure,
    ...(retryAt !== undefined && { retryAt }),
  };
  change.begun.push({ do: 'report-stuck', operation, failure });
  if (retryAt === undefined) change.begun.push({ do: 'pause', operation });
  else if (noWorker) resume(state, change, operation);
  else change.begun.push({ do: 'pause', operation, ms: pause });
}

/** The result is known, or nobody waits for it any longer. */
function end(state: SagaState, change: Change, operation: Operation, result: Result): void {
  const { type, entry, ticket } = operation;
  remove(state, operation);
  // What was decided about it and is not used is declined.
  if (entry.stuck?.decided) entry.stuck.decided.act.declined = true;
  delete entry.stuck;
  if (type === 'compensate') {
    state.ledger.endUndo(entry, change.at, result.kind === 'skipped');
  } else if (type === 'act') {
    if (result.kind === 'skipped') throw new Error(`${entry.id} was skipped, which the desk refuses`);
    settle(state, change, entry, result);
    state.undelivered.push({ ticket: ticket as Ticket, entry });
  } else change.now.push({ do: 'resume', ticket: ticket as Ticket, entry, result });
}

function settle(state: SagaState, change: Change, entry: Entry, outcome: Outcome): void {
  state.ledger.settle(entry, outcome, change.at);
  if (entry.step.kind === 'pivot') pivotKnown(state, change, outcome.kind === 'succeeded');
  // S17: undone, in a run before a reset or under the same id.
  else if (outcome.kind === 'refused' && outcome.failure.code === ACTION_BLOCKED)
    unwindUnlessCommitted(state, change, { ...outcome.failure, step: entry.id });
}

function remove({ operations }: SagaState, operation: Operation): void {
  operations.splice(operations.indexOf(operation), 1);
}

/** Whether an outcome that is unknown after a round ends it. */
function givesUp(state: SagaState, { type, entry }: Operation): boolean {
  if (type === 'act') return !state.isPersistent(entry);
  return type === 'confirm' && state.ending;
}

/** It may be final, so an operator says whether it is undone: a retry does so (S17). */
function earlierPivot({ id, step }: Entry): Failure {
  const how =
    step.compensation === undefined
      ? 'it declares no compensation'
      : `a retry compensates it by ${step.compensation}`;
  const message = `a run before the reset has passed the pivot ${id}, or may have, and this run has not; ${how}`;
  return engineFailure(RESET_PAST_PIVOT, message);
}

/**
 * What an answer says of the step (S17). An attempt that called nobody says nothing of what an earlier run did. After the pivot
 * there is no way back to take when a step turns out to have been undone: an operator decides.
 */
function finalAnswer({ phase }: SagaState, { type, entry }: Operation, outcome: Outcome): Outcome {
  if (outcome.kind !== 'refused') return outcome;
  if (outcome.notCalled) return entry.earlier?.outcome ?? outcome;
  if (type !== 'confirm' || phase !== 'committed') return outcome;
  const message = `${entry.id} was undone before the workflow was reset, and the saga is past its pivot`;
  return { kind: 'unknown', failure: engineFailure(RESET_AFTER_UNDO, message) };
}

/** Which of the participant's activities an operation calls. */
export function verbOf({ type }: Operation): 'do' | 'undo' {
  return type === 'compensate' ? 'undo' : 'do';
}
