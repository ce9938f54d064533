import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { CarriedState } from './core/carried';
import { HISTORY_LIMIT, SagaUsageError } from './core/failures';
import { jsonBytes } from './core/payload-size';
import { MAX_CARRIED_BYTES } from './history';
import type { Orchestrator } from './orchestrator';
import { neverSettles } from './saga';
import { carryOver } from './watch-workflow';

/** What a run of a saga hands to the next one (S20). JSON. */
export interface CarriedSaga {
  readonly state: CarriedState;
  /** When the saga's first run started, in epoch milliseconds: its deadline counts from there. */
  readonly startedAt: number;
  readonly milestones: readonly (readonly [string, unknown])[];
  /** Whether the reason of the unwinding is a business refusal. */
  readonly benign?: boolean;
}

/**
 * Has each continue-as-new of this workflow, by whoever in it, carry the saga over. In a body `continueAsNew` waits for
 * nothing: every step must have been awaited.
 * @param rest what is carried beside the state.
 */
export function carrySagaOver(orchestrator: Orchestrator, rest: () => Omit<CarriedSaga, 'state'>): void {
  const { state } = orchestrator;
  carryOver(async (options) => {
    if (!orchestrator.continuesItself) {
      const doubt = orchestrator.afterReset();
      if (doubt) await doubt;
      await orchestrator.afterArrivals();
      // A body that may not go on may not do so in another run.
      if (state.ending) await neverSettles();
    }
    const { workflowType, taskQueue } = workflowInfo();
    if (options.workflowType !== workflowType || (options.taskQueue ?? taskQueue) !== taskQueue)
      refuse(`as another workflow than ${workflowType} on ${taskQueue}`);
    if (state.over) refuse('after its end: its id is used, so start another one');
    const [running] = state.ledger.inFlight;
    if (running) refuse(`while ${running.id} runs`);
    if (!state.mayContinue) refuse('while a save-point is open');
    const carried: CarriedSaga = { state: state.carry(), ...rest() };
    const bytes = jsonBytes(carried);
    if (bytes <= MAX_CARRIED_BYTES) return carried;
    throw ApplicationFailure.nonRetryable(
      `what is to be carried over has ${bytes} bytes as JSON, and may have ${MAX_CARRIED_BYTES}`,
      HISTORY_LIMIT,
    );
  });
}

function refuse(why: string): never {
  throw new SagaUsageError('CANNOT_CONTINUE', `a saga cannot continue as new ${why}`);
}
