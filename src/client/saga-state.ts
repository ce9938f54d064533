import type { SagaStatusValue } from '../saga/search-attributes';
import type { ListedExecution } from './visibility';

/**
 * The state of a saga, from the status of its workflow and its own `SagaStatus`.
 * - `forward`, `unwinding`, `stuck`, `paused`: it runs; `task-failing`: its workflow task fails again and again, and it
 *   waits for a fixed deployment;
 * - `completed`; `completed-with-leftovers`: the same, and an effect remains that a failed save-point
 *   (or the rescue, if it is one) had to undo;
 * - `compensated`, `partly-compensated`, `cancelled`: it has unwound;
 * - `failed`: it undid nothing; `terminated`, `timed-out`: it was ended from outside, and undid nothing.
 */
export type SagaState =
  | 'forward'
  | 'unwinding'
  | 'stuck'
  | 'task-failing'
  | 'paused'
  | 'completed'
  | 'completed-with-leftovers'
  | 'compensated'
  | 'partly-compensated'
  | 'cancelled'
  | 'failed'
  | 'terminated'
  | 'timed-out'
  | 'unknown';

/** A condition that every saga in a state meets, in Temporal's list filter; others may meet it too. */
const CONDITIONS: Readonly<Record<SagaState, string>> = {
  forward: `ExecutionStatus = 'Running'`,
  unwinding: `ExecutionStatus = 'Running' AND SagaStatus = 'UNWINDING'`,
  stuck: `ExecutionStatus = 'Running' AND SagaStatus = 'STUCK'`,
  'task-failing': `ExecutionStatus = 'Running'`,
  paused: `ExecutionStatus = 'Paused'`,
  completed: `ExecutionStatus = 'Completed'`,
  'completed-with-leftovers': `ExecutionStatus = 'Completed' AND SagaStatus = 'PARTLY_COMPENSATED'`,
  compensated: `ExecutionStatus = 'Failed' AND SagaStatus = 'COMPENSATED'`,
  'partly-compensated': `ExecutionStatus IN ('Failed', 'Canceled') AND SagaStatus = 'PARTLY_COMPENSATED'`,
  cancelled: `ExecutionStatus = 'Canceled'`,
  failed: `ExecutionStatus = 'Failed'`,
  terminated: `ExecutionStatus = 'Terminated'`,
  'timed-out': `ExecutionStatus = 'TimedOut'`,
  unknown: `ExecutionStatus IS NOT NULL`,
};

/** All states, as a filter names them. */
export const sagaStates = Object.keys(CONDITIONS) as readonly SagaState[];

/** To narrow a list down to sagas that may be in this state; {@link stateOf} decides. */
export function conditionFor(state: SagaState): string {
  return CONDITIONS[state];
}

/** @param problems whether its workflow task fails. */
export function stateOf(
  execution: ListedExecution['status']['name'],
  status: SagaStatusValue | undefined,
  problems: boolean,
): SagaState {
  const partly = status === 'PARTLY_COMPENSATED';
  switch (execution) {
    case 'RUNNING':
      if (problems) return 'task-failing';
      return status === 'STUCK' ? 'stuck' : status === 'UNWINDING' ? 'unwinding' : 'forward';
    case 'PAUSED':
      return 'paused';
    case 'COMPLETED':
      return partly ? 'completed-with-leftovers' : 'completed';
    case 'FAILED':
      return partly ? 'partly-compensated' : status === 'COMPENSATED' ? 'compensated' : 'failed';
    case 'CANCELLED':
      return partly ? 'partly-compensated' : 'cancelled';
    case 'TERMINATED':
      return 'terminated';
    case 'TIMED_OUT':
      return 'timed-out';
    default:
      return 'unknown';
  }
}
