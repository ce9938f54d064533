import { temporal } from '@temporalio/proto';
import type { HistoryEvent } from './events';
import type { Execution } from './execution';
import type { Executions } from './executions';
import { admitUpdateAgain } from './updates';

const { WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW } = temporal.api.enums.v1.WorkflowTaskFailedCause;
const { RESET_REAPPLY_EXCLUDE_TYPE_SIGNAL: SIGNALS, RESET_REAPPLY_EXCLUDE_TYPE_UPDATE: UPDATES } =
  temporal.api.enums.v1.ResetReapplyExcludeType;

/** What a reset is asked for. */
export interface ResetRequest {
  /** The event at which the workflow task ended that is to be done again. */
  readonly finishEventId: number;
  readonly reason: string;
  /** What of the later events does not happen again. */
  readonly exclude: readonly number[];
}

/**
 * Begins a run that has another one's history up to a workflow task, as `temporal workflow reset` does, and terminates the
 * latest run. What a server does: `service/history/ndc/workflow_resetter.go`.
 * @returns nothing when there is no workflow task that ends at that event.
 */
export function resetExecution(
  executions: Executions,
  base: Execution,
  { finishEventId, reason, exclude }: ResetRequest,
): Execution | undefined {
  const events = base.history.events.slice(0, finishEventId - 1);
  const last = events.at(-1);
  if (!last?.workflowTaskStartedEventAttributes && !last?.workflowTaskScheduledEventAttributes) return;
  const index = base.tasks.findIndex(({ completedId }) => completedId >= finishEventId);
  const jobs = base.tasks[index]?.jobs ?? [...base.taskJobs, ...base.inbox];
  terminateCurrent(executions, base, reason);

  const run = executions.fork(base, events);
  base.resetTo = run;
  run.tasks = base.tasks.slice(0, index === -1 ? base.tasks.length : index);
  takeOver(run, base, events);
  failTask(run, base, last, reason);
  run.inbox = [
    ...jobs.filter((job) => !job.doUpdate || isAdmittedIn(events, job.doUpdate.id)),
    { updateRandomSeed: { randomnessSeed: executions.runs.length as never } },
  ];
  beginAgain(run, base, events);
  happenAgain(executions, run, base, finishEventId, exclude);
  run.scheduleTask();
  return run;
}

function terminateCurrent(
  executions: Executions,
  { start: { workflowId } }: Execution,
  reason: string,
): void {
  const current = executions.find({ workflowId });
  if (!current?.isOpen) return;
  current.terminate(reason);
  current.evict();
}

/** What the events say about the run, beside its tasks. */
function takeOver(run: Execution, base: Execution, events: readonly HistoryEvent[]): void {
  for (const event of events) {
    const upserted = event.upsertWorkflowSearchAttributesEventAttributes?.searchAttributes;
    Object.assign(run.searchAttributes, upserted?.indexedFields);
    Object.assign(run.memo, event.workflowPropertiesModifiedEventAttributes?.upsertedMemo?.fields);
    if (event.workflowExecutionCancelRequestedEventAttributes) run.cancelRequested = true;
    const { sdkMetadata } = event.workflowTaskCompletedEventAttributes ?? {};
    for (const flag of sdkMetadata?.langUsedFlags ?? []) run.flags.add(flag);
    const policy = base.closePolicies.get(Number(event.eventId));
    if (policy) run.closePolicies.set(Number(event.eventId), policy);
    const { protocolInstanceId } = event.workflowExecutionUpdateAcceptedEventAttributes ?? {};
    const update = base.updates.get(protocolInstanceId ?? '');
    if (update) {
      const { id, request, isInHistory, accepted } = update;
      run.updates.set(id, {
        id,
        request,
        isInHistory,
        watchers: [],
        ...(accepted !== undefined && { accepted }),
      });
    }
    const { meta, outcome } = event.workflowExecutionUpdateCompletedEventAttributes ?? {};
    const completed = run.updates.get(meta?.updateId ?? '');
    if (completed && outcome) completed.outcome = outcome;
  }
  for (const happened of base.happened) if (happened.eventId <= events.length) run.happened.push(happened);
}

function failTask(run: Execution, base: Execution, last: HistoryEvent, reason: string): void {
  const started = last.workflowTaskStartedEventAttributes;
  const scheduledEventId = started?.scheduledEventId ?? last.eventId;
  const startedEventId = started
    ? last.eventId
    : run.history.add({ workflowTaskStartedEventAttributes: { scheduledEventId } });
  run.history.add({
    workflowTaskFailedEventAttributes: {
      scheduledEventId,
      startedEventId,
      cause: WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
      failure: { message: reason, source: 'Server', resetWorkflowFailureInfo: {} },
      baseRunId: base.start.runId,
      newRunId: run.start.runId,
    },
  });
}

/** What is under way at that point. */
function beginAgain(run: Execution, base: Execution, events: readonly HistoryEvent[]): void {
  const ended = endedIn(events);
  for (const { eventId, begin } of base.begun.filter((one) => one.eventId <= events.length)) {
    if (ended.has(eventId)) run.begun.push({ eventId, begin });
    else run.begin(eventId, begin);
  }
  for (const event of events) {
    const { initiatedEventId } = event.childWorkflowExecutionStartedEventAttributes ?? {};
    for (const child of run.children.values())
      if (child.initiatedId === Number(initiatedEventId)) child.isStarted = true;
    const { scheduledEventId } = event.activityTaskCancelRequestedEventAttributes ?? {};
    for (const activity of run.activities.values())
      if (activity.scheduledId === Number(scheduledEventId)) activity.requestCancel();
  }
}

/** The events at which something was begun that the code knows the end of. */
function endedIn(events: readonly HistoryEvent[]): Set<number> {
  return new Set(
    events.flatMap((event) => {
      const begun =
        (event.timerFiredEventAttributes ?? event.timerCanceledEventAttributes)?.startedEventId ??
        (
          event.activityTaskCompletedEventAttributes ??
          event.activityTaskFailedEventAttributes ??
          event.activityTaskTimedOutEventAttributes ??
          event.activityTaskCanceledEventAttributes
        )?.scheduledEventId ??
        (
          event.startChildWorkflowExecutionFailedEventAttributes ??
          event.childWorkflowExecutionCompletedEventAttributes ??
          event.childWorkflowExecutionFailedEventAttributes ??
          event.childWorkflowExecutionCanceledEventAttributes ??
          event.childWorkflowExecutionTerminatedEventAttributes ??
          event.externalWorkflowExecutionSignaledEventAttributes ??
          event.signalExternalWorkflowExecutionFailedEventAttributes ??
          event.externalWorkflowExecutionCancelRequestedEventAttributes ??
          event.requestCancelExternalWorkflowExecutionFailedEventAttributes
        )?.initiatedEventId;
      return begun === undefined || begun === null ? [] : [Number(begun)];
    }),
  );
}

/** Signals, Updates and what came of known children happen again, also those of the runs in which the other one was continued. */
function happenAgain(
  executions: Executions,
  run: Execution,
  base: Execution,
  from: number,
  exclude: readonly number[],
): void {
  const excluded = (event: HistoryEvent) =>
    event.workflowExecutionSignaledEventAttributes && exclude.includes(SIGNALS);
  for (const event of base.history.events.slice(from - 1)) {
    const happening = base.happened.find(({ eventId }) => eventId === Number(event.eventId))?.happening;
    if (happening?.happensAgain?.(run) && !excluded(event)) run.write(happening);
    const { acceptedRequest } = event.workflowExecutionUpdateAcceptedEventAttributes ?? {};
    const request = acceptedRequest ?? event.workflowExecutionUpdateAdmittedEventAttributes?.request;
    if (request && !exclude.includes(UPDATES)) admitUpdateAgain(run, request);
  }
  const { newExecutionRunId } =
    base.history.events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes ?? {};
  const next =
    newExecutionRunId && executions.find({ workflowId: base.start.workflowId, runId: newExecutionRunId });
  if (next) happenAgain(executions, run, next, 1, exclude);
}

function isAdmittedIn(events: readonly HistoryEvent[], id: string | null | undefined): boolean {
  return events.some(
    ({ workflowExecutionUpdateAdmittedEventAttributes: admitted }) =>
      admitted?.request?.meta?.updateId === id,
  );
}
