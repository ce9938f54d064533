import { type ContinueAsNewInputOptions, makeContinueAsNewFunc, workflowInfo } from '@temporalio/workflow';
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

/** Updates and signals of the engine that change nothing about the way a body goes. */
const decidesNothing: ReadonlySet<string> = new Set(['awaitMilestone', 'stackPart', 'nestedSaga']);

/** Whether this workflow task has accepted an Update. It is in the history only when the task is. */
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

/** The arguments that this run was started with, without what was carried over. */
let startedWith: readonly unknown[] = [];
let carried: unknown;
let onContinue: ((options: ContinueAsNewInputOptions) => Promise<unknown>) | undefined;

/** Goes on in another run, as the engine itself decides. @throws ContinueAsNew */
export async function continueInAnotherRun(): Promise<never> {
  return await makeContinueAsNewFunc()(...startedWith);
}

/** What an earlier run carried over, to whoever asks first. */
export function takeCarried(): unknown {
  const taken = carried;
  carried = undefined;
  return taken;
}

/** Has each continue-as-new of this workflow hand something over to the next run, as one more argument. */
export function carryOver(carry: (options: ContinueAsNewInputOptions) => Promise<unknown>): void {
  onContinue = carry;
}

/** The name under which it travels. */
export const CARRIED = 'unwindCarried';

function watchWorkflow(): void {
  const isExpress = recordedPlacement(workflowInfo().memo) === 'express';
  const { inbound, outbound } = getActivator().interceptors;
  inbound.push({
    execute: (input, next) => {
      const last = input.args.at(-1) as { readonly [CARRIED]?: unknown } | undefined;
      carried = typeof last === 'object' && last !== null ? last[CARRIED] : undefined;
      startedWith = carried === undefined ? input.args : input.args.slice(0, -1);
      return next({ ...input, args: [...startedWith] });
    },
    handleUpdate: (input, next) => {
      if (!decidesNothing.has(input.name)) updatedIn = workflowInfo().historyLength;
      return next(input);
    },
    handleSignal: async (input, next) => {
      if (isExpress && !decidesNothing.has(input.signalName))
        await new Promise<void>((letIn) => onArrival(letIn));
      return await next(input);
    },
  });
  outbound.push({
    continueAsNew: async (input, next) => {
      if (!onContinue) return await next(input);
      const carry = { [CARRIED]: await onContinue(input.options) };
      return await next({ ...input, args: [...input.args, carry] });
    },
  });
}

// A client loads this module too, to know its sagas.
if (maybeGetActivator()) watchWorkflow();
