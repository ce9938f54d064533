import type { coresdk } from '@temporalio/proto';
import { type ActivityEnd, ActivityTask, retryPolicyOf } from './activity-task';
import { durationMs } from './events';
import type { ByTask, Execution } from './execution';
import { localMarker } from './local-marker';
import type { Done } from './recorded-task';
import type { Command, Job } from './sandbox';
import { startChild } from './children';
import { closeExecution, continueAsNew } from './closing';
import { cancelFrom, signalFrom } from './external';
import type { Executions } from './executions';
import { resolveActivity } from './resolve-activity';
import { respondToUpdate } from './updates';

/** Does what a completed workflow task asks for, in order. @param completedId the event of the task's completion. */
export function applyCommands(
  executions: Executions,
  execution: Execution,
  done: readonly Done[],
  completedId: number,
): void {
  for (const one of done) {
    if ('marker' in one) execution.history.add(localMarker(one.marker, completedId));
    else applyCommand(executions, execution, one, completedId);
    if (!execution.isOpen) return;
  }
}

function applyCommand(
  executions: Executions,
  execution: Execution,
  command: Command,
  workflowTaskCompletedEventId: number,
): void {
  const { history } = execution;
  const by = { workflowTaskCompletedEventId };
  if (command.startTimer) return startTimer(executions, execution, command.startTimer, by);
  if (command.cancelTimer) {
    const seq = command.cancelTimer.seq ?? 0;
    const timer = execution.timers.get(seq);
    if (!timer) return;
    timer.stop();
    execution.timers.delete(seq);
    const ids = { timerId: String(seq), startedEventId: timer.startedId };
    history.add({ timerCanceledEventAttributes: { ...ids, ...by } });
    return;
  }
  if (command.scheduleActivity)
    return scheduleActivity(executions, execution, command.scheduleActivity, command.userMetadata, by);
  if (command.requestCancelActivity) {
    const activity = execution.activities.get(command.requestCancelActivity.seq ?? 0);
    if (!activity) return;
    const { scheduledId: scheduledEventId } = activity;
    history.add({ activityTaskCancelRequestedEventAttributes: { scheduledEventId, ...by } });
    activity.requestCancel();
    return;
  }
  if (command.upsertWorkflowSearchAttributes) {
    const { searchAttributes } = command.upsertWorkflowSearchAttributes;
    history.add({ upsertWorkflowSearchAttributesEventAttributes: { searchAttributes, ...by } });
    Object.assign(execution.searchAttributes, searchAttributes?.indexedFields);
    return;
  }
  if (command.modifyWorkflowProperties) {
    const { upsertedMemo } = command.modifyWorkflowProperties;
    history.add({ workflowPropertiesModifiedEventAttributes: { upsertedMemo, ...by } });
    Object.assign(execution.memo, upsertedMemo?.fields);
    return;
  }
  if (command.updateResponse) return respondToUpdate(execution, command.updateResponse);
  if (command.startChildWorkflowExecution) return startChild(executions, execution, command, by);
  if (command.cancelChildWorkflowExecution) {
    const child = execution.children.get(command.cancelChildWorkflowExecution.childWorkflowSeq ?? 0);
    if (child) cancelFrom(executions, execution, child.workflowId, undefined, by);
    return;
  }
  if (command.signalExternalWorkflowExecution) return signalFrom(executions, execution, command, by);
  if (command.requestCancelExternalWorkflowExecution) {
    const { seq, workflowExecution } = command.requestCancelExternalWorkflowExecution;
    cancelFrom(executions, execution, workflowExecution?.workflowId ?? '', seq ?? 0, by);
    return;
  }
  if (command.completeWorkflowExecution) {
    const { result } = command.completeWorkflowExecution;
    return closeExecution(executions, execution, 'completed', {
      workflowExecutionCompletedEventAttributes: { ...by, ...(result && { result: { payloads: [result] } }) },
    });
  }
  if (command.failWorkflowExecution) {
    const { failure } = command.failWorkflowExecution;
    return closeExecution(executions, execution, 'failed', {
      workflowExecutionFailedEventAttributes: { failure, retryState: 5, ...by },
    });
  }
  if (command.cancelWorkflowExecution)
    return closeExecution(executions, execution, 'canceled', {
      workflowExecutionCanceledEventAttributes: by,
    });
  if (command.continueAsNewWorkflowExecution)
    return continueAsNew(executions, execution, command.continueAsNewWorkflowExecution, by);
  // What a worker does by itself is no business of the server.
  if (command.scheduleLocalActivity ?? command.requestCancelLocalActivity ?? command.respondToQuery) return;
  refuse(command);
}

function refuse(command: Command): never {
  const [name] =
    Object.entries(command).find(([key, value]) => value != null && key !== 'userMetadata') ?? [];
  throw new Error(`the simulation does not know the command ${String(name)}`);
}

function startTimer(
  executions: Executions,
  execution: Execution,
  { seq: given, startToFireTimeout }: coresdk.workflow_commands.IStartTimer,
  by: ByTask,
): void {
  const seq = given ?? 0;
  const timerId = String(seq);
  const startedEventId = execution.history.add({
    timerStartedEventAttributes: { timerId, startToFireTimeout, ...by },
  });
  const firesAt = executions.agenda.now + Math.max(durationMs(startToFireTimeout), 1);
  const fired = {
    attributes: { timerFiredEventAttributes: { timerId, startedEventId } },
    job: ({ timers }: Execution): Job => {
      timers.delete(seq);
      return { fireTimer: { seq } };
    },
  };
  execution.begin(startedEventId, (run) => {
    const forget = executions.agenda.at(firesAt, () => run.happen(fired));
    const stop = () => {
      forget();
      // One that fires while the workflow task runs that cancels it has not fired.
      run.withdraw(fired);
    };
    run.timers.set(seq, { startedId: startedEventId, stop });
  });
}

function scheduleActivity(
  executions: Executions,
  execution: Execution,
  command: coresdk.workflow_commands.IScheduleActivity,
  userMetadata: Command['userMetadata'],
  by: ByTask,
): void {
  const { seq: given, activityId, activityType, taskQueue, headers, retryPolicy } = command;
  const seq = given ?? 0;
  const input = command.arguments ?? [];
  const queue = taskQueue || execution.start.taskQueue;
  const { scheduleToCloseTimeout, scheduleToStartTimeout, startToCloseTimeout, heartbeatTimeout } = command;
  const scheduledId = execution.history.add(
    {
      activityTaskScheduledEventAttributes: {
        activityId,
        activityType: { name: activityType },
        taskQueue: { name: queue },
        header: { fields: headers },
        input: { payloads: input },
        scheduleToCloseTimeout,
        scheduleToStartTimeout,
        startToCloseTimeout,
        heartbeatTimeout,
        retryPolicy,
        ...by,
      },
    },
    userMetadata,
  );
  const limits = {
    scheduleToCloseMs: durationMs(scheduleToCloseTimeout),
    scheduleToStartMs: durationMs(scheduleToStartTimeout),
    startToCloseMs: durationMs(startToCloseTimeout),
    heartbeatMs: durationMs(heartbeatTimeout),
    retry: retryPolicyOf(retryPolicy),
  };
  const described = {
    activityId: activityId ?? '',
    activityType: activityType ?? '',
    taskQueue: queue,
    input,
    isLocal: false,
  };
  execution.begin(scheduledId, (run) => {
    run.pending.activities++;
    const task = new ActivityTask(
      executions.agenda,
      limits,
      (attempt) => executions.offerAttempt({ ...described, execution: run }, attempt),
      (end) => {
        run.pending.activities--;
        run.happen({
          ...activityEvents(scheduledId, end),
          // Until the history has it, it can be asked to cancel.
          job: ({ activities }) => {
            activities.delete(seq);
            return resolveActivity(seq, end, described);
          },
        });
      },
    );
    run.activities.set(seq, {
      scheduledId,
      requestCancel: () => task.requestCancel(),
      isCancelled: () => task.isCancelled,
      forget: () => task.forget(),
    });
  });
}

function activityEvents(scheduledEventId: number, end: ActivityEnd) {
  const ids = { scheduledEventId, startedEventId: 0 };
  const before = end.attempt > 0 && {
    before: { activityTaskStartedEventAttributes: { scheduledEventId, attempt: end.attempt } },
  };
  if ('canceled' in end) return { attributes: { activityTaskCanceledEventAttributes: ids }, ...before };
  if ('result' in end) {
    const result = end.result && { result: { payloads: [end.result] } };
    return { attributes: { activityTaskCompletedEventAttributes: { ...ids, ...result } }, ...before };
  }
  const { failure } = end;
  const attributes = failure.timeoutFailureInfo
    ? { activityTaskTimedOutEventAttributes: { ...ids, failure } }
    : { activityTaskFailedEventAttributes: { ...ids, failure } };
  return { attributes, ...before };
}
