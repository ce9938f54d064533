import {
  ApplicationFailure,
  CancellationScope,
  type ContinueAsNewInputOptions,
  makeContinueAsNewFunc,
  type UpdateInput,
  workflowInfo,
} from '@temporalio/workflow';
import { getActivator, maybeGetActivator } from '@temporalio/workflow/lib/global-attributes';
import { recordedPlacement } from './memo';

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

/** The mark of a workflow that was never reset: this module is loaded before the first event that could tell of it. */
export const firstMark: unknown = maybeGetActivator()?.randomnessSeed;

/** The workflow task that runs, by the length of the history at its start: the same when it is replayed. */
export function currentTask(): number {
  return workflowInfo().historyLength;
}

let applyingJobs = false;

/**
 * Whether the SDK is handing the jobs of an activation over. It asks conditions after each of them, and what follows from the one
 * before has not happened by then.
 */
export function isApplyingJobs(): boolean {
  return applyingJobs;
}

/** What the engine itself waits for. */
const enginesConditions = new WeakSet<() => boolean>();
let bodyGoesOn = false;

/** Has {@link anyOtherHolds} leave out a condition of the engine. */
export function ofEngine(holds: () => boolean): () => boolean {
  enginesConditions.add(holds);
  return holds;
}

/**
 * Whether the body goes on by a condition that it waits for: one that holds, or that the SDK has just found to hold. The SDK asks
 * all conditions in one go, before anything follows from the first one.
 */
export function anyOtherHolds(): boolean {
  if (bodyGoesOn) return true;
  return [...getActivator().blockedConditions.values()].some(({ fn }) => !enginesConditions.has(fn) && fn());
}

/** Notes that a condition of the body was found to hold, until what follows from that begins. */
function watchConditions(): void {
  const { blockedConditions } = getActivator();
  const set = blockedConditions.set.bind(blockedConditions);
  blockedConditions.set = (seq, condition) => {
    if (enginesConditions.has(condition.fn)) return set(seq, condition);
    const resolve = () => {
      bodyGoesOn = true;
      void Promise.resolve().then(() => (bodyGoesOn = false));
      condition.resolve();
    };
    return set(seq, { ...condition, resolve });
  };
}

let cancelCameLast = false;

/**
 * Whether the cancel of this workflow came in one activation with what had happened before it. The SDK resolves all of an
 * activation at once, so a cancel would overtake it; in an activation of its own it does not. Which of the two it is, history
 * does not say: a query that a server sends to a worker while a workflow task is scheduled has the worker go ahead of its
 * history, up to the event before the cancel.
 */
export function cancelCameAfterOthers(): boolean {
  return cancelCameLast;
}

/** An Update, by its name, or a signal, and the workflow task with which it came. */
export interface Sent {
  readonly update?: string;
  readonly task: number;
}

/** @returns what to wait for before the body learns of a timer or of what was sent; nothing when it is at once. */
type Admit = (sent?: Sent) => Promise<void> | undefined;

let saga: (admit: Admit) => void;
const opened = new Promise<Admit>((resolve) => (saga = resolve));
let admit: Admit = async (sent) => await (await opened)(sent);
let activated: () => void = () => undefined;

/**
 * Express: asks the saga about all signals and Updates, whichever handler they are for, and about the timers of its body.
 * @param onActivation is called when another activation begins.
 */
export function admitBy(ask: Admit, onActivation: () => void): void {
  admit = ask;
  activated = onActivation;
  saga(ask);
}

const enginesScopes = new WeakSet<CancellationScope>();

/** A scope for what the engine does itself. Its timers, and those of the SDK between two attempts, are not asked about. */
export function engineScope(options: {
  readonly cancellable: boolean;
  /** @default the current one */
  readonly parent?: CancellationScope;
}): CancellationScope {
  const scope = new CancellationScope(options);
  enginesScopes.add(scope);
  return scope;
}

function isEngines(scope: CancellationScope | undefined): boolean {
  return scope !== undefined && (enginesScopes.has(scope) || isEngines(scope.parent));
}

/** Not known yet when the module is loaded: the memo comes with the first workflow task. */
function isExpress(): boolean {
  return recordedPlacement(workflowInfo().memo) === 'express';
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
  watchConditions();
  const { inbound, outbound, internals } = getActivator().interceptors;
  internals.push({
    activate: (input, next) => {
      const jobs = input.activation.jobs ?? [];
      const cancel = jobs.findIndex(({ cancelWorkflow }) => cancelWorkflow);
      // What was sent is always before it, and an Update that is rejected is no part of the history.
      cancelCameLast = jobs
        .slice(0, Math.max(cancel, 0))
        .some((job) => !job.initializeWorkflow && !job.doUpdate && !job.signalWorkflow);
      activated();
      applyingJobs = true;
      try {
        next(input);
      } finally {
        applyingJobs = false;
      }
    },
  });
  inbound.push({
    execute: (input, next) => {
      const last = input.args.at(-1) as { readonly [CARRIED]?: unknown } | undefined;
      carried = typeof last === 'object' && last !== null ? last[CARRIED] : undefined;
      startedWith = carried === undefined ? input.args : input.args.slice(0, -1);
      return next({ ...input, args: [...startedWith] });
    },
    handleUpdate: (input, next) => {
      const turn = isExpress() ? admit({ update: input.name, task: currentTask() }) : undefined;
      return turn ? handleLater(turn, input, next) : next(input);
    },
    handleSignal: async (input, next) => {
      if (isExpress() && !enginesSignals.has(input.signalName)) await admit({ task: currentTask() });
      await next(input);
    },
  });
  outbound.push({
    scheduleLocalActivity: (input, next) =>
      isExpress() ? endTogether(input.seq, () => next(input)) : next(input),
    startTimer: (input, next) => {
      const waits = isExpress() && !isEngines(CancellationScope.current());
      return waits ? next(input).then(() => admit()) : next(input);
    },
    continueAsNew: async (input, next) => {
      if (!onContinue) return await next(input);
      const carry = { [CARRIED]: await onContinue(input.options) };
      return await next({ ...input, args: [...input.args, carry] });
    },
  });
}

/** What nested sagas tell: a body does not depend on it, and a nested saga's stack must be there when it completes. */
const enginesSignals: ReadonlySet<string> = new Set(['nestedSaga', 'stackPart']);

/** How local activities go on that have ended, while another one of this workflow is under way. */
const ended: { readonly seq: number; readonly goOn: () => void }[] = [];
let underWay = 0;

/**
 * Lets local activities that overlap end together, in the order in which they began. A replay resolves those of a workflow
 * task at once and in this order, not in that of their answers: what follows from them, a retry's timer of the SDK included, must not
 * depend on it.
 */
async function endTogether(seq: number, run: () => Promise<unknown>): Promise<unknown> {
  underWay++;
  try {
    return await run();
  } finally {
    const isLast = --underWay === 0;
    const turn = new Promise<void>((resolve) => ended.push({ seq, goOn: resolve }));
    // Later: this one too waits for its turn by then.
    if (isLast) void Promise.resolve().then(letGoOn);
    await turn;
  }
}

function letGoOn(): void {
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

// A client loads this module too, to know its sagas.
if (maybeGetActivator()) watchWorkflow();
