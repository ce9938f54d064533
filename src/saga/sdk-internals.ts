import { CancellationScope, workflowInfo } from '@temporalio/workflow';
import { getActivator, maybeGetActivator } from '@temporalio/workflow/lib/global-attributes';
import type { coresdk } from '@temporalio/proto';
import { untrackPromise } from '@temporalio/workflow/lib/stack-helpers';
import { perWorkflow } from './per-workflow';

/*
 * What the engine needs to know of the SDK's side of a workflow and no public function tells. All of it is here and in
 * `watch-workflow.ts`, so an SDK that changes it is noticed in one place.
 */

/**
 * Changes whenever the workflow is reset to an earlier point of its history, at that point, also when it is replayed: the
 * server gives the run another seed for its random numbers there.
 */
export function resetMark(): unknown {
  return getActivator().randomnessSeed;
}

/** What was noticed of one workflow. */
const noticed = perWorkflow(() => ({
  /** The mark of a workflow that was never reset: it is noticed before the first event that could tell of it. */
  firstMark: maybeGetActivator()?.randomnessSeed as unknown,
  applyingJobs: false,
  bodyGoesOn: false,
  cancelCameLast: false,
  /** The activity whose end is all that the activation brings. */
  onlyEnded: undefined as number | undefined,
}));

/** The mark that the workflow was started with. */
export function firstMark(): unknown {
  return noticed().firstMark;
}

/** The workflow task that runs, by the length of the history at its start: the same when it is replayed. */
export function currentTask(): number {
  return workflowInfo().historyLength;
}

/**
 * Whether the SDK is handing the jobs of an activation over. It asks conditions after each of them, and what follows from the one
 * before has not happened by then.
 */
export function isApplyingJobs(): boolean {
  return noticed().applyingJobs;
}

/**
 * Has promises of the engine not be shown by the stack trace of the workflow, which is of the body then, and forgets the trace
 * that the SDK keeps for each: some two kilobytes.
 */
export function hide(...promises: readonly Promise<unknown>[]): void {
  promises.forEach(untrackPromise);
}

/** What the engine itself waits for. */
const enginesConditions = new WeakSet<() => boolean>();

/**
 * Calls `then` once, soon after the condition holds: as `condition(holds).then(then)` of the SDK does, with one promise instead of
 * five, and in the scope of the workflow. The SDK asks the condition after each job, and when the code has gone on as far as it can.
 * {@link anyOtherHolds} leaves it out.
 */
export function whenEngineMay(holds: () => boolean, then: () => void): void {
  const { blockedConditions, nextSeqs } = getActivator();
  enginesConditions.add(holds);
  blockedConditions.set(nextSeqs.condition++, { fn: holds, resolve: () => void settled.then(then) });
}

const settled = Promise.resolve();

/**
 * Whether the body goes on by a condition that it waits for: one that holds, or that the SDK has just found to hold. The SDK asks
 * all conditions in one go, before anything follows from the first one.
 */
export function anyOtherHolds(): boolean {
  if (noticed().bodyGoesOn) return true;
  for (const { fn } of getActivator().blockedConditions.values())
    if (!enginesConditions.has(fn) && fn()) return true;
  return false;
}

/** Notes that a condition of the body was found to hold, until what follows from that begins. */
export function watchConditions(): void {
  const { blockedConditions } = getActivator();
  const set = blockedConditions.set.bind(blockedConditions);
  const workflow = noticed();
  blockedConditions.set = (seq, condition) => {
    if (enginesConditions.has(condition.fn)) return set(seq, condition);
    const resolve = () => {
      workflow.bodyGoesOn = true;
      void settled.then(() => (workflow.bodyGoesOn = false));
      condition.resolve();
    };
    return set(seq, { ...condition, resolve });
  };
}

/** Hands an activation over. */
export function applyJobs(
  jobs: readonly coresdk.workflow_activation.IWorkflowActivationJob[],
  apply: () => void,
): void {
  const workflow = noticed();
  const cancel = jobs.findIndex(({ cancelWorkflow }) => cancelWorkflow);
  // What was sent is always before it, and an Update that is rejected is no part of the history.
  workflow.cancelCameLast = jobs
    .slice(0, Math.max(cancel, 0))
    .some((job) => !job.initializeWorkflow && !job.doUpdate && !job.signalWorkflow);
  workflow.onlyEnded = jobs.length === 1 ? (jobs[0]?.resolveActivity?.seq ?? undefined) : undefined;
  workflow.applyingJobs = true;
  try {
    apply();
  } finally {
    workflow.applyingJobs = false;
  }
}

/**
 * Whether the cancel of this workflow came in one activation with what had happened before it. The SDK resolves all of an
 * activation at once, so a cancel would overtake it; in an activation of its own it does not. Which of the two it is, history
 * does not say: a query that a server sends to a worker while a workflow task is scheduled has the worker go ahead of its
 * history, up to the event before the cancel.
 */
export function cancelCameAfterOthers(): boolean {
  return noticed().cancelCameLast;
}

const enginesScopes = new WeakSet<CancellationScope>();

/** A scope without a timeout. To run something in it costs no promise. */
export class QuickScope extends CancellationScope {
  /** Runs a function of any kind, until it returns. */
  runNow<T>(fn: () => T): T {
    return this.run(fn as unknown as () => Promise<T>) as T;
  }

  protected override runInContext<T>(fn: () => Promise<T>): Promise<T> {
    return fn();
  }
}

interface ScopeOptions {
  readonly cancellable: boolean;
  /** @default the current one */
  readonly parent?: CancellationScope;
}

/** A scope for what the engine does itself. Its timers, and those of the SDK between two attempts, are not asked about. */
export function engineScope(options: ScopeOptions): QuickScope {
  const scope = new QuickScope(options);
  enginesScopes.add(scope);
  return scope;
}

export function isEngines(scope: CancellationScope | undefined): boolean {
  return scope !== undefined && (enginesScopes.has(scope) || isEngines(scope.parent));
}

/** Who hears how an activity has ended. */
export interface EndOfActivity {
  /**
   * @param cameAlone whether it is all that has happened since the body had gone on as far as it can.
   */
  readonly completed: (output: unknown, cameAlone: boolean) => void;
  readonly failed: (error: unknown, cameAlone: boolean) => void;
}

/**
 * Schedules an activity of the engine's.
 * @returns how to cancel it: as the scope that it runs in would, which for each activity would cost five promises more.
 */
export function schedule(isLocal: boolean, call: () => Promise<unknown>, end: EndOfActivity): () => void {
  const activator = getActivator();
  const { activity: completions } = activator.completions;
  const workflow = noticed();
  const seq = activator.nextSeqs.activity;
  const cameAlone = () => {
    const { onlyEnded } = workflow;
    workflow.onlyEnded = undefined;
    return onlyEnded === seq;
  };
  const completed = (output: unknown) => end.completed(output, cameAlone());
  const failed = (error: unknown) => end.failed(error, cameAlone());
  const answer = call();
  const completion = completions.get(seq);
  // What nobody intercepts is answered here at once. A local activity is one that the SDK may schedule again.
  const isDirect =
    completion && !isLocal && !activator.interceptors.outbound.some((each) => each.scheduleActivity);
  if (isDirect) completions.set(seq, { ...completion, resolve: completed, reject: failed });
  hide(answer, ...(isDirect ? [] : [answer.then(completed, failed)]));
  return () =>
    void settled.then(() => {
      if (completions.has(seq)) activator.pushCommand({ requestCancelActivity: { seq } });
    });
}

/** Has people see this when they ask for the workflow's details, before what the body sets: it is rendered only then. */
export function setDetails(render: () => string): void {
  let ofBody = '';
  Object.defineProperty(getActivator(), 'currentDetails', {
    configurable: true,
    get: () => (ofBody === '' ? render() : `${render()}\n\n${ofBody}`),
    set(text: string) {
      ofBody = text;
    },
  });
}
