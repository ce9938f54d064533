import type { Change } from './events';
import type { Arrival } from './pending';
import { answered, giveUp, probed, resume } from './operation';
import { decidePending, foundUndone } from './phases';
import type { SagaState } from './state';

/**
 * Something came from outside. It waits until the body has gone as far as it can, in an express saga also until no step runs, so
 * that one thing follows after the other. A replay gets in one activation what a worker may have got one by one, and a workflow task
 * that was lost is repeated with all that came in the meantime: both must do what was done before (decision 0009).
 * @param atOnce whether it has no turn: it is the answer of a step that runs inside the workflow task, or the saga is over.
 */
export function arrive(state: SagaState, change: Change, arrival: Arrival, atOnce = false): void {
  if (!atOnce) state.arrivals.push(arrival);
  else apply(state, change, arrival);
}

/**
 * Somebody has sent an Update or a signal. The SDK hands those of an activation over first, not in the order of arrival: their
 * turn comes after that of all else in it.
 */
export function arriveSent(state: SagaState, change: Change, arrival: Arrival, atOnce = false): void {
  if (!atOnce) state.sent.push(arrival);
  else apply(state, change, arrival);
}

/** The turn of what waits longest has come. */
export function nextArrival(state: SagaState, change: Change): void {
  const next = state.arrivals.shift() ?? state.sent.shift();
  if (next) apply(state, change, next);
}

function apply(state: SagaState, change: Change, arrival: Arrival): void {
  const { ledger } = state;
  switch (arrival.type) {
    case 'answered':
      return answered(state, change, arrival);
    case 'probed':
      return probed(state, change, arrival);
    case 'resumed':
      return (arrival.cancelled ? giveUp : resume)(state, change, arrival.operation);
    case 'interruption':
      return decidePending(state, change);
    case 'message-received':
      if (arrival.sentIn !== undefined) closeTask(state, arrival.sentIn);
      break;
    case 'arrivals-awaited':
      break;
    case 'leftovers-found':
      ledger.settle(arrival.asked, { kind: 'succeeded', output: arrival.answer }, change.at);
      ledger.addLeftovers(arrival.entries, arrival.nestedRuns);
      if (arrival.completed) ledger.completedEarlier = true;
      ledger.lostNested = [...ledger.lostNested, ...(arrival.lost ?? [])];
      state.lookingBack = false;
      decidePending(state, change);
      break;
    case 'undone-found':
      foundUndone(state, change, arrival.entries);
  }
  change.now.push({ do: 'resume', ticket: arrival.ticket });
}

/** Express: no action begins inside this workflow task any more. */
export function closeTask(state: SagaState, task: number): void {
  state.closedTask = Math.max(state.closedTask, task);
}
