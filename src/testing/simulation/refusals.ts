import { temporal } from '@temporalio/proto';
import { measure } from './command-sizes';
import type { Execution, TaskFailure } from './execution';
import type { Pending, TemporalLimits } from './limits';
import { commandsIn, type Done } from './recorded-task';
import type { Command } from './sandbox';

const causes = temporal.api.enums.v1.WorkflowTaskFailedCause;

/** Why what a workflow task asks for is not done. */
export interface Refusal {
  readonly failure: TaskFailure;
  /** The workflow is terminated for it, unless the task has failed before. */
  readonly terminates?: string;
  /** Whether a task that has failed before is reported again. A server drops others: then they time out. */
  readonly isReportedAgain?: boolean;
  /** What a person should know: a limit, or an error of the code. */
  readonly problem?: string;
}

/** Why a worker does not send what its code asks for, or cannot. */
export function refusalOfWorker(
  execution: Execution,
  done: readonly Done[],
  { blobBytes, memoBytes, messageBytes, blobsCheckedBy }: TemporalLimits,
): Refusal | undefined {
  if (cancelsTwice(execution, done))
    return {
      failure: {
        cause: causes.WORKFLOW_TASK_FAILED_CAUSE_NON_DETERMINISTIC_ERROR,
        failure: { message: CANCELS_TWICE },
      },
      isReportedAgain: true,
      problem: CANCELS_TWICE,
    };
  let all = 0;
  let tooLarge: string | undefined;
  for (const one of done)
    measure(execution, one, (bytes, { message, isMemo }) => {
      all += bytes;
      if (bytes > (isMemo ? memoBytes : blobBytes)) tooLarge ??= message;
    });
  if (tooLarge !== undefined && blobsCheckedBy === 'worker') {
    return {
      failure: {
        cause: causes.WORKFLOW_TASK_FAILED_CAUSE_PAYLOADS_TOO_LARGE,
        failure: {
          message: TOO_LARGE,
          applicationFailureInfo: { type: 'PayloadsTooLarge', nonRetryable: false },
        },
      },
      isReportedAgain: true,
      problem: `${TOO_LARGE} ${tooLarge}`,
    };
  }
  if (all <= messageBytes) return undefined;
  return { failure: FORCED, terminates: MESSAGE_TOO_LARGE, problem: MESSAGE_TOO_LARGE };
}

/** Whether an activity is asked a second time to cancel. */
function cancelsTwice({ activities }: Execution, done: readonly Done[]): boolean {
  const asked = commandsIn(done).flatMap(({ requestCancelActivity }) => requestCancelActivity?.seq ?? []);
  return asked.some((seq, index) => activities.get(seq)?.isCancelled() || asked.indexOf(seq) < index);
}

/** What SDK core says of it. */
const CANCELS_TWICE = '[TMPRL1100] Nondeterminism error: Invalid transition in state machine';
/** What SDK core says of a payload that a server would refuse. */
export const TOO_LARGE = '[TMPRL1103] Attempted to upload payloads with size that exceeded the error limit.';
const MESSAGE_TOO_LARGE = 'GrpcMessageTooLarge';
const FORCED = { cause: causes.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND };

/** Why a server does not take what a workflow task asks for: the first of its commands that it does not take. */
export function refusalOf(
  execution: Execution,
  done: readonly Done[],
  limits: TemporalLimits,
): Refusal | undefined {
  const pending = { ...execution.pending };
  for (const one of done) {
    const refusal =
      ('marker' in one ? undefined : refusalOfCommand(execution, one)) ??
      tooLarge(execution, one, limits) ??
      ('marker' in one ? undefined : tooMany(one, pending, limits));
    if (refusal) return refusal;
  }
  return undefined;
}

function refusalOfCommand(execution: Execution, command: Command): Refusal | undefined {
  const { requestCancelActivity, cancelTimer } = command;
  if (isEnd(command) && execution.heldBack > 0) {
    const failure = { message: 'UnhandledCommand' };
    const cause = causes.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND;
    return { failure: { cause, failure }, isReportedAgain: true };
  }
  // What a query has made the code ask for may have ended since.
  if (requestCancelActivity && !execution.activities.has(requestCancelActivity.seq ?? 0))
    return {
      failure: { cause: causes.WORKFLOW_TASK_FAILED_CAUSE_BAD_REQUEST_CANCEL_ACTIVITY_ATTRIBUTES },
    };
  if (cancelTimer && !execution.timers.has(cancelTimer.seq ?? 0))
    return { failure: { cause: causes.WORKFLOW_TASK_FAILED_CAUSE_BAD_CANCEL_TIMER_ATTRIBUTES } };
  return undefined;
}

function tooLarge(
  execution: Execution,
  one: Done,
  { blobBytes, memoBytes }: TemporalLimits,
): Refusal | undefined {
  let refusal: Refusal | undefined;
  measure(execution, one, (bytes, { cause, message, isMemo }) => {
    if (bytes <= (isMemo ? memoBytes : blobBytes)) return;
    const terminates = `${nameOf(cause)}: ${message}`;
    const failure = { cause: causes[cause], failure: { message: terminates } };
    refusal ??= { failure, terminates, problem: terminates };
  });
  return refusal;
}

/** What of a run is counted, by the command that begins it. */
const counted = [
  {
    of: 'scheduleActivity',
    count: 'activities',
    limit: 'pendingActivities',
    what: 'pending activities',
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_ACTIVITIES_LIMIT_EXCEEDED',
  },
  {
    of: 'startChildWorkflowExecution',
    count: 'children',
    limit: 'pendingChildren',
    what: 'pending child workflow executions',
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_CHILD_WORKFLOWS_LIMIT_EXCEEDED',
  },
  {
    of: 'signalExternalWorkflowExecution',
    count: 'signals',
    limit: 'pendingSignals',
    what: 'pending signals to external workflows',
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_SIGNALS_LIMIT_EXCEEDED',
  },
  {
    of: 'requestCancelExternalWorkflowExecution',
    count: 'cancelRequests',
    limit: 'pendingCancelRequests',
    what: 'pending requests to cancel external workflows',
    cause: 'WORKFLOW_TASK_FAILED_CAUSE_PENDING_REQUEST_CANCEL_LIMIT_EXCEEDED',
  },
] as const;

function tooMany(command: Command, pending: Pending, limits: TemporalLimits): Refusal | undefined {
  for (const { of, count, limit, what, cause } of counted) {
    if (!command[of]) continue;
    const most = limits[limit];
    if (pending[count] >= most) {
      const reached = `the number of ${what}, ${pending[count]}, has reached the per-workflow limit of ${most}`;
      const message = `${nameOf(cause)}: ${reached}`;
      return { failure: { cause: causes[cause], failure: { message } }, problem: message };
    }
    pending[count]++;
  }
  return undefined;
}

/** As a server writes a cause: `PendingActivitiesLimitExceeded`. */
function nameOf(cause: keyof typeof causes): string {
  const words = cause.replace('WORKFLOW_TASK_FAILED_CAUSE_', '').toLowerCase().split('_');
  return words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** Whether a workflow task ends its run. */
export function endsRun(done: readonly Done[]): boolean {
  return commandsIn(done).some(isEnd);
}

function isEnd(command: Command): boolean {
  return (
    (command.completeWorkflowExecution ??
      command.failWorkflowExecution ??
      command.cancelWorkflowExecution ??
      command.continueAsNewWorkflowExecution) != null
  );
}

/** How many events the completion of a workflow task adds: its own, and one for each command that a server knows. */
export function eventsIn(done: readonly Done[]): number {
  const unknown = done.filter(
    (one) =>
      !('marker' in one) &&
      (one.scheduleLocalActivity ??
        one.requestCancelLocalActivity ??
        one.respondToQuery ??
        one.updateResponse?.rejected),
  );
  return 1 + done.length - unknown.length;
}
