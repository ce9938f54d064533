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
import { recordedPlacement } from './memo';
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
  /** How local activities go on that have ended, while another one of this workflow is under way. */
  ended: [] as { readonly seq: number; readonly goOn: () => void }[],
  underWay: 0,
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

/** Not known yet when the workflow is loaded: the memo comes with the first workflow task. */
function isExpress(): boolean {
  return recordedPlacement(workflowInfo().memo) === 'express';
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
        const turn = isExpress() ? admit({ update: input.name, task: sdkWorkflow().task }) : undefined;
        return turn ? handleLater(turn, input, next) : next(input);
      },
      handleSignal: async (input, next) => {
        if (isExpress() && !enginesSignals.has(input.signalName)) await admit({ task: sdkWorkflow().task });
        await next(input);
      },
    },
  ],
  outbound: [
    {
      scheduleLocalActivity: (input, next) =>
        isExpress() ? endTogether(input.seq, () => next(input)) : next(input),
      startTimer: (input, next) => {
        const waits = isExpress() && !isEngines(CancellationScope.current());
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

/**
 * Lets local activities that overlap end together, in the order in which they began. A replay resolves those of a workflow
 * task at once and in this order, not in that of their answers: what follows from them, a retry's timer of the SDK included, must not
 * depend on it.
 */
function endTogether(seq: number, run: () => Promise<unknown>): Promise<unknown> {
  const workflow = watched();
  workflow.underWay++;
  return run().then(
    (answer) => turnOf(workflow, seq)?.then(() => answer) ?? answer,
    (error: unknown) => {
      const turn = turnOf(workflow, seq);
      if (!turn) throw error;
      return turn.then(() => {
        throw error;
      });
    },
  );
}

/** @returns what a local activity that has ended waits for; nothing when it has overlapped with no other. */
function turnOf(workflow: ReturnType<typeof watched>, seq: number): Promise<void> | undefined {
  const { ended } = workflow;
  const isLast = --workflow.underWay === 0;
  if (isLast && ended.length === 0) return undefined;
  const turn = new Promise<void>((resolve) => ended.push({ seq, goOn: resolve }));
  // Later: this one too waits for its turn by then.
  if (isLast) void Promise.resolve().then(() => letGoOn(ended));
  return turn;
}

function letGoOn(ended: { readonly seq: number; readonly goOn: () => void }[]): void {
  for (const { goOn } of ended.splice(0).sort((a, b) => a.seq - b.seq)) goOn();
}

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
