import { readFileSync } from 'node:fs';
import { decompileRetryPolicy, TypedSearchAttributes } from '@temporalio/common';
import {
  optionalTsToDate,
  optionalTsToMs,
  requiredTsToMs,
  tsToDate,
  tsToMs,
} from '@temporalio/common/lib/time';
import type { coresdk } from '@temporalio/proto';
import type { WorkflowBundleWithSourceMap } from '@temporalio/worker';
import { parseWorkflowCode } from '@temporalio/worker/lib/worker';
import { convertToParentWorkflowType, convertToRootWorkflowType } from '@temporalio/worker/lib/utils';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm';
import type { Workflow } from '@temporalio/worker/lib/workflow/interface';
import { globalHandlers } from '@temporalio/worker/lib/workflow/vm-shared';
import type { WorkflowInfo } from '@temporalio/workflow';

/*
 * What the simulation needs of the SDK's inside: the sandbox in which a worker runs workflow code, and how a worker describes
 * a workflow to it. All of it is here, and so is the version that it was written for.
 */

const KNOWN_SDK = '1.24.0';

export type Activation = coresdk.workflow_activation.IWorkflowActivation;
export type Job = coresdk.workflow_activation.IWorkflowActivationJob;
export type Command = coresdk.workflow_commands.IWorkflowCommand;
export type SandboxedWorkflow = Workflow;

/** The first activation of a workflow, which says all about it. */
export interface FirstActivation extends Activation {
  readonly runId: string;
  readonly timestamp: NonNullable<Activation['timestamp']>;
}

/** Runs workflow code as a worker does. */
export class Sandbox {
  private constructor(private readonly creator: ReusableVMWorkflowCreator) {}

  /**
   * @param bundle what `bundleWorkflowCode` makes.
   * @throws Error for another version of the SDK than the simulation knows.
   */
  static async create(bundle: WorkflowBundleWithSourceMap): Promise<Sandbox> {
    refuseOtherSdk();
    const code = parseWorkflowCode(bundle.code);
    const creator = await ReusableVMWorkflowCreator.create(code, NO_TIMEOUT, ANY_ACTIVITY);
    // A stack trace for every promise, of which only a query of the Web UI learns, takes a fifth of the time.
    (globalHandlers as unknown as { stopPromiseHook(): void }).stopPromiseHook();
    return new Sandbox(creator);
  }

  async createWorkflow(
    activation: FirstActivation,
    place: { readonly namespace: string; readonly taskQueue: string },
  ): Promise<SandboxedWorkflow> {
    const start = activation.jobs?.find((job) => job.initializeWorkflow)?.initializeWorkflow;
    if (!start) throw new Error('a workflow begins with the job that initializes it');
    return await this.creator.createWorkflow({
      info: infoOf(activation, start, place),
      randomnessSeed: start.randomnessSeed?.toBytes() ?? [],
      now: tsToMs(activation.timestamp),
      showStackTraceSources: false,
      failureExceptionTypeNames: [],
    } as Parameters<ReusableVMWorkflowCreator['createWorkflow']>[0]);
  }

  async close(): Promise<void> {
    await this.creator.destroy();
  }
}

/** Local activities may have any name: who has none finds out when it runs. */
const ANY_ACTIVITY = new Set(['default']);

/** With a number each call into the sandbox starts a thread that watches it, which takes more time than the call. */
const NO_TIMEOUT = undefined as unknown as number;

function refuseOtherSdk(): void {
  const manifest = require.resolve('@temporalio/worker/package.json');
  const { version } = JSON.parse(readFileSync(manifest, 'utf8')) as { version: string };
  if (version === KNOWN_SDK) return;
  throw new Error(
    `the simulation runs workflow code by the inside of @temporalio/worker ${KNOWN_SDK}, and this is ${version}`,
  );
}

function infoOf(
  activation: FirstActivation,
  start: coresdk.workflow_activation.IInitializeWorkflow,
  { namespace, taskQueue }: { readonly namespace: string; readonly taskQueue: string },
): WorkflowInfo {
  const { runId, timestamp } = activation;
  return {
    workflowId: start.workflowId ?? '',
    runId,
    workflowType: start.workflowType ?? '',
    searchAttributes: {},
    typedSearchAttributes: new TypedSearchAttributes(),
    parent: convertToParentWorkflowType(start.parentWorkflowInfo),
    root: convertToRootWorkflowType(start.rootWorkflow),
    taskQueue,
    namespace,
    firstExecutionRunId: start.firstExecutionRunId ?? runId,
    originalExecutionRunId: start.originalExecutionRunId ?? runId,
    continuedFromExecutionRunId: start.continuedFromExecutionRunId || undefined,
    startTime: tsToDate(start.startTime ?? timestamp),
    runStartTime: tsToDate(timestamp),
    executionTimeoutMs: optionalTsToMs(start.workflowExecutionTimeout),
    executionExpirationTime: optionalTsToDate(start.workflowExecutionExpirationTime),
    runTimeoutMs: optionalTsToMs(start.workflowRunTimeout),
    taskTimeoutMs: requiredTsToMs(start.workflowTaskTimeout, 'workflowTaskTimeout'),
    retryPolicy: decompileRetryPolicy(start.retryPolicy),
    attempt: start.attempt ?? 1,
    cronSchedule: start.cronSchedule || undefined,
    historyLength: activation.historyLength ?? 0,
    historySize: activation.historySizeBytes?.toNumber() ?? 0,
    continueAsNewSuggested: activation.continueAsNewSuggested ?? false,
    unsafe: {
      now: () => tsToMs(timestamp),
      isReplaying: activation.isReplaying ?? false,
      isReplayingHistoryEvents: activation.isReplaying ?? false,
    },
  } as WorkflowInfo;
}
