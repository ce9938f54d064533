import { exploreSmallSagas } from '../explorer/small-sagas';

/** How many states of the engine's core the explorer has visited. @throws Error when the promise is broken in one. */
export function exploredStates(): number {
  return exploreSmallSagas();
}
