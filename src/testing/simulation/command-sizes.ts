import type { temporal } from '@temporalio/proto';
import type { Execution } from './execution';
import type { Done, LocalResolution } from './recorded-task';
import type { Command } from './sandbox';
import { payloadMapBytes, payloadsBytes, roughBytes } from './sizes';

type Cause = keyof typeof temporal.api.enums.v1.WorkflowTaskFailedCause;

/** Something that can be too large, and how a server refuses it then: by its own causes and messages. */
interface Refused {
  readonly cause: Cause;
  readonly message: string;
  /** Whether it is a memo, which has a limit of its own. */
  readonly isMemo?: boolean;
}

/** What a command carries. @property bytes by which its command is found out. */
interface Carried<Name extends keyof Command = keyof Command> extends Refused {
  readonly of: Name;
  readonly bytes: (content: NonNullable<Command[Name]>, execution: Execution) => number;
}

function carried<Name extends keyof Command>(
  of: Name,
  cause: string,
  message: string,
  bytes: Carried<Name>['bytes'],
  isMemo = false,
): Carried {
  return { of, bytes, cause: `WORKFLOW_TASK_FAILED_CAUSE_${cause}` as Cause, message, isMemo } as Carried;
}

const table: readonly Carried[] = [
  carried(
    'scheduleActivity',
    'BAD_SCHEDULE_ACTIVITY_ATTRIBUTES',
    'ScheduleActivityTaskCommandAttributes.Input exceeds size limit.',
    (activity) => payloadsBytes(activity.arguments),
  ),
  carried(
    'startChildWorkflowExecution',
    'BAD_START_CHILD_EXECUTION_ATTRIBUTES',
    'StartChildWorkflowExecutionCommandAttributes. Input exceeds size limit.',
    (child) => payloadsBytes(child.input),
  ),
  carried(
    'startChildWorkflowExecution',
    'BAD_START_CHILD_EXECUTION_ATTRIBUTES',
    'StartChildWorkflowExecutionCommandAttributes.Memo exceeds size limit.',
    (child) => payloadMapBytes(child.memo),
    true,
  ),
  carried(
    'signalExternalWorkflowExecution',
    'BAD_SIGNAL_WORKFLOW_EXECUTION_ATTRIBUTES',
    'SignalExternalWorkflowExecutionCommandAttributes.Input exceeds size limit.',
    (signal) => payloadsBytes(signal.args),
  ),
  carried(
    'upsertWorkflowSearchAttributes',
    'BAD_SEARCH_ATTRIBUTES',
    'UpsertWorkflowSearchAttributesCommandAttributes exceeds size limit.',
    (upserted) => payloadMapBytes(upserted.searchAttributes?.indexedFields),
  ),
  carried(
    'modifyWorkflowProperties',
    'BAD_MODIFY_WORKFLOW_PROPERTIES_ATTRIBUTES',
    'ModifyWorkflowPropertiesCommandAttributes. Memo exceeds size limit.',
    (modified, { memo }) => payloadMapBytes({ ...memo, ...modified.upsertedMemo?.fields }),
    true,
  ),
  carried(
    'updateResponse',
    'BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE',
    'Message type temporal.api.update.v1.Acceptance exceeds size limit.',
    // It repeats what was asked.
    ({ accepted, protocolInstanceId }, { updates }) =>
      accepted ? payloadsBytes(updates.get(protocolInstanceId ?? '')?.request.input?.args?.payloads) : 0,
  ),
  carried(
    'updateResponse',
    'BAD_UPDATE_WORKFLOW_EXECUTION_MESSAGE',
    'Message type temporal.api.update.v1.Response exceeds size limit.',
    ({ completed, rejected }) => (completed ? payloadsBytes([completed]) : roughBytes(rejected)),
  ),
  carried(
    'completeWorkflowExecution',
    // The server says so of a result too.
    'BAD_SCHEDULE_ACTIVITY_ATTRIBUTES',
    'CompleteWorkflowExecutionCommandAttributes.Result exceeds size limit.',
    ({ result }) => (result ? payloadsBytes([result]) : 0),
  ),
  carried(
    'failWorkflowExecution',
    'BAD_FAIL_WORKFLOW_EXECUTION_ATTRIBUTES',
    'FailWorkflowExecutionCommandAttributes.Failure exceeds size limit.',
    ({ failure }) => roughBytes(failure),
  ),
  carried(
    'continueAsNewWorkflowExecution',
    'BAD_CONTINUE_AS_NEW_ATTRIBUTES',
    'ContinueAsNewWorkflowExecutionCommandAttributes. Input exceeds size limit.',
    (continued) => payloadsBytes(continued.arguments),
  ),
  carried(
    'continueAsNewWorkflowExecution',
    'BAD_CONTINUE_AS_NEW_ATTRIBUTES',
    'ContinueAsNewWorkflowExecutionCommandAttributes. Memo exceeds size limit.',
    (continued) => payloadMapBytes(continued.memo),
    true,
  ),
];

const marker: Refused = {
  cause: 'WORKFLOW_TASK_FAILED_CAUSE_BAD_RECORD_MARKER_ATTRIBUTES',
  message: 'RecordMarkerCommandAttributes.Details exceeds size limit.',
};

/** Of what a marker says beside the activity's result: names and times. */
const MARKER_BYTES = 250;

function markerBytes({ job }: LocalResolution): number {
  const { completed, failed, cancelled } = job.resolveActivity?.result ?? {};
  const result = completed?.result ? payloadsBytes([completed.result]) : 0;
  return MARKER_BYTES + result + roughBytes(failed ?? cancelled);
}

/** Calls back with the size in bytes of everything that a workflow task asks for and that can be too large. */
export function measure(
  execution: Execution,
  one: Done,
  found: (bytes: number, refused: Refused) => void,
): void {
  if ('marker' in one) return found(markerBytes(one.marker), marker);
  for (const entry of table) {
    const content = one[entry.of];
    if (content) found(entry.bytes(content, execution), entry);
  }
}
