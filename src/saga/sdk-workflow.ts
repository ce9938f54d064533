import { IllegalStateError } from '@temporalio/common';
import type { coresdk } from '@temporalio/proto';
import { CancellationScope, type WorkflowInfo } from '@temporalio/workflow';
import { getActivator, setActivator } from '@temporalio/workflow/lib/global-attributes';
import type { Activator } from '@temporalio/workflow/lib/internals';
import { untrackPromise } from '@temporalio/workflow/lib/stack-helpers';
import { perWorkflow } from './per-workflow';
import { QuickScope } from './scopes';

/*
 * What the engine needs to know of the SDK's side of a workflow and no public function tells. All of it is here, in `activities.ts`,
 * `scopes.ts` and `watch-workflow.ts`, so an SDK that changes it is noticed in one place.
 */

/** A scope in which a saga runs, and which cannot be cancelled (S4). */
export interface Shield {
  readonly scope: QuickScope;
  readonly run: <T>(work: () => T) => T;
  /** To be called at the end of the saga. */
  readonly lift: () => void;
}

/** What the Web UI asks for a workflow's details and handlers. */
const METADATA_QUERY = '__temporal_workflow_metadata';

type Writable<T> = { -readonly [Key in keyof T]: T[Key] };

type Jobs = readonly coresdk.workflow_activation.IWorkflowActivationJob[];

/**
 * One workflow, as the SDK keeps it. Whoever asks often keeps it, since each look at a global variable of the sandbox takes as
 * long as a transition of the saga.
 */
class SdkWorkflow {
  /** The mark of a workflow that was never reset: it is noticed before the first event that could tell of it. */
  readonly firstMark: unknown;
  /**
   * Whether the SDK is handing the jobs of an activation over. It asks conditions after each of them, and what follows from the one
   * before has not happened by then.
   */
  isApplyingJobs = false;
  /**
   * Whether the cancel of this workflow came in one activation with what had happened before it. The SDK resolves all of an
   * activation at once, so a cancel would overtake it; in an activation of its own it does not. Which of the two it is, history
   * does not say: a query that a server sends to a worker while a workflow task is scheduled has the worker go ahead of its
   * history, up to the event before the cancel.
   */
  cancelCameAfterOthers = false;
  /** What the engine itself waits for. */
  private readonly enginesConditions = new Set<() => boolean>();
  private bodyGoesOn = false;
  /** The activity whose end is all that the activation brings. */
  private onlyEnded: number | undefined;
  /** Whether the activation brings more than ends of local activities. */
  private bringsOthers = false;
  private lastMark: unknown;

  constructor(private readonly activator: Activator) {
    this.firstMark = this.lastMark = this.resetMark;
    this.watchConditions();
  }

  get info(): WorkflowInfo {
    return this.activator.info;
  }

  /** In epoch milliseconds. */
  get now(): number {
    return this.activator.now;
  }

  /** The workflow task that runs, by the length of the history at its start: the same when it is replayed. */
  get task(): number {
    return this.activator.info.historyLength;
  }

  /**
   * Changes whenever the workflow is reset to an earlier point of its history, at that point, also when it is replayed: the
   * server gives the run another seed for its random numbers there.
   */
  get resetMark(): unknown {
    return this.activator.randomnessSeed;
  }

  /**
   * Has all that runs without a scope of its own run in one that cannot be cancelled, as if it ran in that scope. There, a scope costs
   * nothing; from the first function that is run in one, Node follows every promise of the thread.
   */
  shield(): Shield {
    const workflow: Writable<Pick<Activator, 'rootScope' | 'cancelWorkflow'>> = this.activator;
    const { rootScope, cancelWorkflow } = workflow;
    // Whoever has begun in a scope of their own stays in it.
    if (CancellationScope.current() !== rootScope) {
      const scope = new QuickScope({ cancellable: false });
      return { scope, run: (work) => scope.runNow(work), lift: () => undefined };
    }
    const scope = untraced(() => new QuickScope({ cancellable: false, parent: rootScope }));
    workflow.rootScope = scope;
    // A cancel is still one of the workflow, and its scope hears of it.
    workflow.cancelWorkflow = (job) => {
      workflow.rootScope = rootScope;
      cancelWorkflow.call(this.activator, job);
      workflow.rootScope = scope;
    };
    return {
      scope,
      run: (work) => work(),
      lift: () => void Object.assign(workflow, { rootScope, cancelWorkflow }),
    };
  }

  /** Hands an activation over. */
  applyJobs(jobs: Jobs, apply: () => void): void {
    const cancel = jobs.findIndex(({ cancelWorkflow }) => cancelWorkflow);
    // What was sent is always before it, and an Update that is rejected is no part of the history.
    this.cancelCameAfterOthers = jobs
      .slice(0, Math.max(cancel, 0))
      .some((job) => !job.initializeWorkflow && !job.doUpdate && !job.signalWorkflow);
    this.onlyEnded = jobs.length === 1 ? (jobs[0]?.resolveActivity?.seq ?? undefined) : undefined;
    // The news of a reset is none of the jobs.
    this.bringsOthers = this.lastMark !== this.resetMark || jobs.some((job) => !job.resolveActivity?.isLocal);
    this.lastMark = this.resetMark;
    this.isApplyingJobs = true;
    try {
      apply();
    } finally {
      this.isApplyingJobs = false;
    }
  }

  /**
   * Calls `then` once, soon after the condition holds: as `condition(holds).then(then)` of the SDK does, with one promise instead of
   * five, and in the scope of the workflow. The SDK asks the condition after each job, and when the code has gone on as far as it
   * can. {@link anyOtherHolds} leaves it out.
   */
  whenEngineMay(holds: () => boolean, then: () => void): void {
    const { blockedConditions, nextSeqs } = this.activator;
    this.enginesConditions.add(holds);
    const resolve = () => {
      this.enginesConditions.delete(holds);
      void untraced(() => settled.then(then));
    };
    blockedConditions.set(nextSeqs.condition++, { fn: holds, resolve });
  }

  /**
   * Whether the body goes on by a condition that it waits for: one that holds, or that the SDK has just found to hold. The SDK asks
   * all conditions in one go, before anything follows from the first one.
   */
  get anyOtherHolds(): boolean {
    if (this.bodyGoesOn) return true;
    for (const { fn } of this.activator.blockedConditions.values())
      if (!this.enginesConditions.has(fn) && fn()) return true;
    return false;
  }

  /** Whether the end of this activity is all that the activation brings: true once, as something follows from it. */
  cameAlone(seq: number): boolean {
    const { onlyEnded } = this;
    this.onlyEnded = undefined;
    return onlyEnded === seq;
  }

  /**
   * Express: a step has ended. Calls `then` after all that follows from what else came with the activation. A worker learns of the end of
   * a local activity in an activation of its own; a replay has it together with what its workflow task began with.
   */
  afterOthers(then: () => void): void {
    if (this.bringsOthers) this.whenEngineMay(() => !this.isApplyingJobs && !this.anyOtherHolds, then);
    else then();
  }

  /**
   * Has people see this when they ask for the workflow's details, before what the body sets: it is rendered only then. An accessor
   * instead of a handler would do, and have V8 keep all properties of the activator in a dictionary: larger, and slower to read.
   */
  setDetails(render: () => string): void {
    const { activator } = this;
    const metadata = activator.queryHandlers.get(METADATA_QUERY);
    if (!metadata) throw new IllegalStateError(`the SDK answers no ${METADATA_QUERY}`);
    const handler: typeof metadata.handler = (...args) => {
      const ofBody = activator.currentDetails;
      activator.currentDetails = ofBody === '' ? render() : `${render()}\n\n${ofBody}`;
      try {
        return metadata.handler(...args);
      } finally {
        activator.currentDetails = ofBody;
      }
    };
    activator.queryHandlers.set(METADATA_QUERY, { ...metadata, handler });
  }

  /** Notes that a condition of the body was found to hold, until what follows from that begins. */
  private watchConditions(): void {
    const { blockedConditions } = this.activator;
    const set = blockedConditions.set.bind(blockedConditions);
    blockedConditions.set = (seq, condition) => {
      if (this.enginesConditions.has(condition.fn)) return set(seq, condition);
      const resolve = () => {
        this.bodyGoesOn = true;
        void settled.then(() => (this.bodyGoesOn = false));
        condition.resolve();
      };
      return set(seq, { ...condition, resolve });
    };
  }
}

const settled = Promise.resolve();

/** The workflow that runs. */
export const sdkWorkflow = perWorkflow(() => new SdkWorkflow(getActivator()));

/**
 * Makes promises of the engine's of which the SDK takes no stack trace: that costs more than all else about a promise, and what the stack
 * trace of a workflow shows is to be the body's. The SDK takes one of each promise that is made while a workflow runs, so none runs
 * meanwhile.
 * @param make asks for nothing of the workflow
 */
export function untraced<T>(make: () => T): T {
  const activator = getActivator();
  setActivator(undefined);
  try {
    return make();
  } finally {
    setActivator(activator);
  }
}

/** A promise that the engine gives the body. Whoever awaits it is in the stack trace of the workflow. */
export function promised<T>() {
  let resolve!: (value: T) => void;
  let reject!: (error: unknown) => void;
  const promise = untraced(() => new Promise<T>((...settle) => void ([resolve, reject] = settle)));
  return { promise, resolve, reject };
}

/**
 * Has a promise that the engine has from others not be shown by the stack trace of the workflow, and forgets the trace that the SDK keeps
 * for it: some two kilobytes.
 */
export const hide: (promise: Promise<unknown>) => void = untrackPromise;
