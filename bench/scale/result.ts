import type { Origin } from '../report/result';
import type { LargeSaga } from './large-saga';
import type { OpenSagas } from './open-sagas';
import type { WorkerCount } from './worker-count';

/** What was measured of many workers, many sagas and large ones; what was left out is absent. JSON. */
export interface ScaleResult extends Origin {
  readonly workers?: readonly WorkerCount[];
  readonly open?: OpenSagas;
  readonly large?: readonly LargeSaga[];
}
