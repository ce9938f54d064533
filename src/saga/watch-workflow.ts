import {
  ApplicationFailure,
  CancellationScope,
  type ContinueAsNewInputOptions,
  makeContinueAsNewFunc,
  type UpdateInput,
  workflowInfo,
  type WorkflowInterceptors,
} from '@temporalio/workflow';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import { SagaUsageError } from './core/failures';
import { endingTogether } from './activities';
import { isExpress } from './memo';
import { perWorkflow } from './per-workflow';
import { isEngines } from './scopes';
import { sdkWorkflow } from './sdk-workflow';

/* What comes to a workflow from outside, and what it starts, seen by interceptors: before its function is called. */

/** An Update, by its name, or a signal, and the workflow task with which it came. */
export interface Sent {
  readonly update?: string;
  readonly task: number;
}

/** @returns what to wait for before the body learns of a timer or of what was sent; nothing when it is at once. */
type Admit = (sent?: Sent) => Promise<void> | undefined;

const watched = perWorkflow(() => ({
  isWatched: false,
  admit: undefined as Admit | undefined,
  /** Who has come before the saga could be asked. */
  early: [] as (() => void)[],
  activated: () => {},
  /** The arguments that this run was started with, without what was carried over. */
  startedWith: [] as readonly unknown[],
  carried: undefined as unknown,
  onContinue: undefined as ((options: ContinueAsNewInputOptions) => Promise<unknown>) | undefined,
}));

/**
 * Express: asks the saga about all signals and Updates, whichever handler they are for, and about the timers of its body.
 * @param onActivation is called when another activation begins.
 */
export function admitBy(ask: Admit, onActivation: () => void): void {
  const workflow = watched();
  workflow.admit = ask;
  workflow.activated = onActivation;
  for (const goOn of workflow.early.splice(0)) goOn();
}

function admit(sent?: Sent): Promise<void> | undefined {
  const workflow = watched();
  if (workflow.admit) return workflow.admit(sent);
  return new Promise<void>((resolve) => workflow.early.push(resolve)).then(() => workflow.admit?.(sent));
}

/** Goes on in another run, as the engine itself decides. @throws ContinueAsNew */
export async function continueInAnotherRun(): Promise<never> {
  return await makeContinueAsNewFunc()(...watched().startedWith);
}

/** What an earlier run carried over, to whoever asks first. */
export function takeCarried(): unknown {
  const workflow = watched();
  const taken = workflow.carried;
  workflow.carried = undefined;
  return taken;
}

/** Has each continue-as-new of this workflow hand something over to the next run, as one more argument. */
export function carryOver(carry: (options: ContinueAsNewInputOptions) => Promise<unknown>): void {
  watched().onContinue = carry;
}

/** The name under which it travels. */
export const CARRIED = 'unwindCarried';

/** @throws SagaUsageError `PRELOADED_WITHOUT_INTERCEPTORS` */
export function requireWatched(): void {
  if (watched().isWatched) return;
  throw new SagaUsageError(
    'PRELOADED_WITHOUT_INTERCEPTORS',
    'the bundle of this worker preloads the engine and lacks its interceptors: use the plugin sagaBundling of unwind/worker',
  );
}

/** To be called for each workflow, before its function is. @returns what is to see it; nothing when something does */
export function watchWorkflow(): WorkflowInterceptors {
  const workflow = watched();
  if (workflow.isWatched) return {};
  workflow.isWatched = true;
  sdkWorkflow();
  return watching;
}

const watching: WorkflowInterceptors = {
  internals: [
    {
      activate: (input, next) => {
        watched().activated();
        sdkWorkflow().applyJobs(input.activation.jobs ?? [], () => next(input));
      },
    },
  ],
  inbound: [
    {
      execute: (input, next) => {
        const workflow = watched();
        const last = input.args.at(-1) as { readonly [CARRIED]?: unknown } | undefined;
        workflow.carried = typeof last === 'object' && last !== null ? last[CARRIED] : undefined;
        workflow.startedWith = workflow.carried === undefined ? input.args : input.args.slice(0, -1);
        return next({ ...input, args: [...workflow.startedWith] });
      },
      handleUpdate: (input, next) => {
        const turn = isExpress(workflowInfo().memo)
          ? admit({ update: input.name, task: sdkWorkflow().task })
          : undefined;
        return turn ? handleLater(turn, input, next) : next(input);
      },
      handleSignal: async (input, next) => {
        if (isExpress(workflowInfo().memo) && !enginesSignals.has(input.signalName))
          await admit({ task: sdkWorkflow().task });
        await next(input);
      },
    },
  ],
  outbound: [
    endingTogether,
    {
      startTimer: (input, next) => {
        const waits = isExpress(workflowInfo().memo) && !isEngines(CancellationScope.current());
        return waits ? next(input).then(() => admit()) : next(input);
      },
      continueAsNew: async (input, next) => {
        const { onContinue } = watched();
        if (!onContinue) return await next(input);
        const carry = { [CARRIED]: await onContinue(input.options) };
        return await next({ ...input, args: [...input.args, carry] });
      },
    },
  ],
};

/** What nested sagas tell: a body does not depend on it, and a nested saga's stack must be there when it completes. */
const enginesSignals: ReadonlySet<string> = new Set(['nestedSaga', 'stackPart']);

async function handleLater(
  turn: Promise<void>,
  input: UpdateInput,
  handle: (input: UpdateInput) => Promise<unknown>,
): Promise<unknown> {
  await turn;
  validateAgain(input);
  return await handle(input);
}

/** Others may have been handled since it was accepted. @throws ApplicationFailure what the validator throws. */
function validateAgain({ name, args }: UpdateInput): void {
  try {
    getActivator()
      .updateHandlers.get(name)
      ?.validator?.(...args);
  } catch (error) {
    throw ApplicationFailure.fromError(error, { nonRetryable: true });
  }
}
