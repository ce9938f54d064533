import { compileRetryPolicy, toPayloadsWithContext } from '@temporalio/common';
import { encodeActivityCancellationType } from '@temporalio/common/lib/activity-options';
import { msOptionalToTs, requiredTsToMs } from '@temporalio/common/lib/time';
import { userMetadataToPayload } from '@temporalio/common/lib/user-metadata';
import {
  type ActivityOptions,
  CancellationScope,
  scheduleActivity,
  scheduleLocalActivity,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';
import { LocalActivityDoBackoff } from '@temporalio/workflow/lib/errors';
import { eventGroupMarkersToProto } from '@temporalio/workflow/lib/event-groups';
import { getActivator } from '@temporalio/workflow/lib/global-attributes';
import type { Activator } from '@temporalio/workflow/lib/internals';
import { isExpress } from './memo';
import { perWorkflow } from './per-workflow';
import { engineScope, engineSleep } from './scopes';
import { hide, sdkWorkflow, untraced } from './sdk-workflow';

/*
 * How the engine schedules activities: it pushes the commands that the SDK's functions would (1.24), and hears of the answer by a
 * callback. That costs no promise; through the SDK, an activity costs one and a local one seven.
 */

/** A call of the engine's. */
export interface Call {
  readonly name: string;
  readonly args: readonly unknown[];
  /** Of a local activity, without those that only others have. */
  readonly options: ActivityOptions;
  /** Whether it runs inside the workflow task. Such a call cannot be cancelled. */
  readonly isLocal: boolean;
  /** Whether its answer waits for its turn; else the body goes on by it before anything else does. */
  readonly hasTurn: boolean;
}

/** Who hears how a call has ended. */
export interface EndOfCall {
  /** @param cameAlone whether it is all that has happened since the body had gone on as far as it can. */
  readonly completed: (output: unknown, cameAlone: boolean) => void;
  readonly failed: (error: unknown, cameAlone: boolean) => void;
}

/** What the SDK hands over with a local activity that has failed and is to be scheduled again. */
type Backoff = LocalActivityDoBackoff['backoff'];

/** @returns how to cancel it, once or more often: what follows is `end.failed`, when the activity has ended. */
export function schedule(call: Call, end: EndOfCall): () => void {
  const activator = getActivator();
  if (!isPlain(activator, call)) return throughSdk(call, end);
  if (!call.isLocal) return scheduleRemote(activator, call, end);
  scheduleLocal(activator, call, end);
  return () => undefined;
}

/** Whether nobody but the engine has a part in the call. */
function isPlain({ interceptors, info, registeredActivityNames: names }: Activator, call: Call): boolean {
  const { name, isLocal } = call;
  if (CancellationScope.current().cancellable) return false;
  if (!isLocal) return !interceptors.outbound.some((each) => each.scheduleActivity);
  const isKnown = info.unsafe.isReplaying || names.has(name) || names.has('default');
  // What is wrong with a name that this worker does not know is the SDK's to say.
  return (
    isKnown && !interceptors.outbound.some((each) => each.scheduleLocalActivity && each !== endingTogether)
  );
}

function throughSdk({ name, args, options, isLocal, hasTurn }: Call, end: EndOfCall): () => void {
  const scope = engineScope({ cancellable: !isLocal });
  const call = isLocal ? scheduleLocalActivity : scheduleActivity;
  const answer = scope.runNow(() => call<unknown>(name, [...args], options));
  const ended = (tell: () => void) => (hasTurn ? tell() : sdkWorkflow().afterOthers(tell));
  hide(answer);
  void untraced(() =>
    answer.then(
      (output) => ended(() => end.completed(output, false)),
      (error: unknown) => ended(() => end.failed(error, false)),
    ),
  );
  return () => scope.cancel();
}

function scheduleRemote(activator: Activator, call: Call, end: EndOfCall): () => void {
  const { activity: completions } = activator.completions;
  const { options } = call;
  const { seq, context, parts, userMetadata } = prepare(activator, call);
  activator.pushCommand({
    scheduleActivity: {
      ...parts,
      taskQueue: options.taskQueue ?? activator.info.taskQueue,
      scheduleToStartTimeout: msOptionalToTs(options.scheduleToStartTimeout) ?? null,
      heartbeatTimeout: msOptionalToTs(options.heartbeatTimeout) ?? null,
    },
    userMetadata,
    eventGroupMarkers: eventGroupMarkersToProto(undefined) ?? null,
  });
  const ended = (tell: (cameAlone: boolean) => void) =>
    call.hasTurn ? tell(sdkWorkflow().cameAlone(seq)) : sdkWorkflow().afterOthers(() => tell(false));
  completions.set(seq, {
    resolve: (output) => ended((cameAlone) => end.completed(output, cameAlone)),
    reject: (error) => ended((cameAlone) => end.failed(error, cameAlone)),
    context,
  });
  let isCancelled = false;
  return () => {
    // A save-point that fails asks for it, and the saga that is cancelled meanwhile. SDK core takes a second command for an error.
    if (isCancelled) return;
    isCancelled = true;
    // Later, as the SDK does.
    void Promise.resolve().then(() => {
      if (completions.has(seq)) activator.pushCommand({ requestCancelActivity: { seq } });
    });
  };
}

/** Schedules it, and again when the SDK says so after a failure. */
function scheduleLocal(activator: Activator, call: Call, end: EndOfCall, after?: Backoff): void {
  const overlap = overlapping();
  const { seq, context, parts, userMetadata } = prepare(activator, call);
  activator.pushCommand({
    scheduleLocalActivity: {
      ...parts,
      attempt: after?.attempt ?? 1,
      originalScheduleTime: after?.originalScheduleTime ?? null,
    },
    userMetadata,
  });
  overlap.begin();
  // Its answer has no turn: the body goes on by it before anything else does.
  activator.completions.activity.set(seq, {
    resolve: (output) => overlap.end(seq, () => end.completed(output, false)),
    reject: (error) =>
      overlap.end(seq, () => {
        if (error instanceof LocalActivityDoBackoff) retryLocal(activator, call, end, error.backoff);
        else end.failed(error, false);
      }),
    context,
  });
}

function retryLocal(activator: Activator, call: Call, end: EndOfCall, backoff: Backoff): void {
  const pause = requiredTsToMs(backoff.backoffDuration, 'backoffDuration');
  const over = engineSleep(pause);
  hide(over);
  void untraced(() => over.then(() => scheduleLocal(activator, call, end, backoff)));
}

/** Numbers an activity, and makes what the commands of both kinds of activities have. */
function prepare(activator: Activator, { name, args, options, isLocal }: Call) {
  const { payloadConverter, info } = activator;
  const seq = activator.nextSeqs.activity++;
  const activityId = `${seq}`;
  const { namespace, workflowId } = info;
  const context = { type: 'activity', namespace, activityId, workflowId, isLocal } as const;
  const parts = {
    seq,
    activityId,
    activityType: name,
    arguments: toPayloadsWithContext(payloadConverter, context, [...args]) ?? null,
    retryPolicy: options.retry ? compileRetryPolicy(options.retry) : null,
    startToCloseTimeout: msOptionalToTs(options.startToCloseTimeout) ?? null,
    headers: {},
    cancellationType: encodeActivityCancellationType(options.cancellationType) ?? null,
  };
  const userMetadata = userMetadataToPayload(payloadConverter, options.summary, undefined, context) ?? null;
  return { seq, context, parts, userMetadata };
}

/**
 * Express: the local activities that are under way. Those that overlap end together, in the order in which they began: a replay
 * resolves those of a workflow task at once and in this order, not in that of their answers, and what follows from them, the timer of a
 * retry included, must not depend on it.
 */
class Overlap {
  private underWay = 0;
  private readonly waiting: { readonly seq: number; readonly goOn: () => void }[] = [];

  begin(): void {
    this.underWay++;
  }

  /** @param goOn is called at once, unless it has overlapped with another or something else came with it. */
  end(seq: number, goOn: () => void): void {
    sdkWorkflow().afterOthers(() => this.goOnInTurn(seq, goOn));
  }

  private goOnInTurn(seq: number, goOn: () => void): void {
    const isLast = --this.underWay === 0;
    if (isLast && this.waiting.length === 0) return goOn();
    this.waiting.push({ seq, goOn });
    if (isLast) for (const each of this.waiting.splice(0).sort((a, b) => a.seq - b.seq)) each.goOn();
  }
}

const overlapping = perWorkflow(() => new Overlap());

/** Has the local activities of the body, and those of the engine that somebody else intercepts, end together too. */
export const endingTogether: WorkflowOutboundCallsInterceptor = {
  scheduleLocalActivity: (input, next) => {
    if (!isExpress(getActivator().info.memo)) return next(input);
    const overlap = overlapping();
    overlap.begin();
    return new Promise((resolve, reject) => {
      next(input).then(
        (answer) => overlap.end(input.seq, () => resolve(answer)),
        (error: unknown) => overlap.end(input.seq, () => reject(error as Error)),
      );
    });
  },
};
