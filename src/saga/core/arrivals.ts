import type { Change } from './events';
import type { Arrival } from './pending';
import { answered, giveUp, probed, resume } from './operation';
import { decidePending, foundUndone } from './phases';
import type { SagaState } from './state';

/**
 * Something came from outside. In an express saga it waits until the body has gone as far as it can and no step runs, so that
 * one thing follows after the other. A lost workflow task is repeated, and must do what it did before: what came from outside
 * in the meantime is there from the beginning then, and must not overtake what the body did without it (decision 0009).
 * @param atOnce whether it is not from outside: the answer of a step that runs inside the workflow task.
 */
export function arrive(state: SagaState, change: Change, arrival: Arrival, atOnce = false): void {
  if (state.express && !atOnce) state.arrivals.push(arrival);
  else apply(state, change, arrival);
}

/**
 * Somebody has sent an Update or a signal. The SDK hands those of an activation over first, not in the order of arrival: in an
 * express saga their turn comes after that of all else in it.
 */
export function arriveSent(state: SagaState, change: Change, arrival: Arrival, atOnce = false): void {
  if (state.express && !atOnce) state.sent.push(arrival);
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
      if (arrival.sentIn !== undefined) accepted(state, arrival.sentIn);
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

/** Express: what happens from now on may follow from what was sent and came with this workflow task. */
export function accepted(state: SagaState, task: number): void {
  state.acceptedIn = Math.max(state.acceptedIn, task);
}
