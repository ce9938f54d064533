import { workflowInfo } from '@temporalio/workflow';
import { getActivator, maybeGetActivator } from '@temporalio/workflow/lib/global-attributes';
import { recordedPlacement } from './placement';

/*
 * What the engine needs to know of the SDK's side of a workflow and no public function tells. All of it is here, so an SDK
 * that changes it is noticed in one place. The module is loaded anew for each workflow, before its function is called.
 */

/**
 * Changes whenever the workflow is reset to an earlier point of its history, at that point, also when it is replayed: the
 * server gives the run another seed for its random numbers there.
 */
export function resetMark(): unknown {
  return getActivator().randomnessSeed;
}

/** The workflow task in which an Update was last accepted, by the length of the history at its start. */
let updatedIn = -1;

/** Whether this workflow task has accepted an Update. It stands in the history only when the task does. */
export function hasUnrecordedUpdate(): boolean {
  return updatedIn === workflowInfo().historyLength;
}

type Arrival = () => void;
const early: Arrival[] = [];
let onArrival = (arrival: Arrival): void => void early.push(arrival);

/** Express: has every signal wait until the saga lets it in, whichever handler it is for. */
export function holdSignals(letIn: (arrival: Arrival) => void): void {
  onArrival = letIn;
  for (const arrival of early.splice(0)) letIn(arrival);
}

function watchWorkflow(): void {
  const isExpress = recordedPlacement(workflowInfo().memo) === 'express';
  getActivator().interceptors.inbound.push({
    handleUpdate: (input, next) => {
      updatedIn = workflowInfo().historyLength;
      return next(input);
    },
    handleSignal: async (input, next) => {
      if (isExpress) await new Promise<void>((letIn) => onArrival(letIn));
      return await next(input);
    },
  });
}

// A client loads this module too, to know its sagas.
if (maybeGetActivator()) watchWorkflow();
