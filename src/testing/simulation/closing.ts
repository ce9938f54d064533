import type { coresdk } from '@temporalio/proto';
import type { Attributes } from './events';
import type { ByTask, ClosePolicy, Execution, Status, TaskFailure } from './execution';
import type { ExecutionId, Failure, StartInput } from './start-input';
import type { Executions } from './executions';
import type { Job } from './sandbox';

/** Ends a run: its parent and its children learn of it. */
export function closeExecution(
  executions: Executions,
  execution: Execution,
  status: Exclude<Status, 'running'>,
  attributes: Attributes,
): void {
  execution.close(status, attributes);
  if (status !== 'continued-as-new') tellFamily(executions, execution, status, attributes);
}

function tellFamily(
  executions: Executions,
  execution: Execution,
  status: Exclude<Status, 'running'>,
  attributes: Attributes,
): void {
  const { parent, workflowId, runId } = execution.start;
  if (parent)
    executions.agenda.send(() => tellParent(executions, parent, { workflowId, runId }, status, attributes));
  for (const { workflowId: id, initiatedId } of execution.children.values()) {
    const child = executions.find({ workflowId: id });
    const isChild = child?.start.parent?.workflowId === workflowId;
    if (child?.isOpen && isChild) orphan(executions, child, execution.closePolicies.get(initiatedId));
  }
}

/** What a child's policy says about the end of its parent. */
function orphan(executions: Executions, child: Execution, policy: ClosePolicy | undefined): void {
  if (policy === 'abandon') return;
  if (policy === 'request-cancel') executions.agenda.send(() => executions.requestCancel(child));
  else executions.agenda.send(() => terminateExecution(executions, child, 'by parent close policy'));
}

/** @param failure of the workflow task under way, if there is one. */
export function terminateExecution(
  executions: Executions,
  execution: Execution,
  reason: string,
  failure?: TaskFailure,
): void {
  if (!execution.isOpen) return;
  const attributes = execution.terminate(reason, failure);
  execution.evict();
  tellFamily(executions, execution, 'terminated', attributes);
}

/** Ends a run, and begins the next one. */
export function continueAsNew(
  executions: Executions,
  execution: Execution,
  command: coresdk.workflow_commands.IContinueAsNewWorkflowExecution,
  by: ByTask,
): void {
  const { start } = execution;
  const input = command.arguments ?? [];
  const newExecutionRunId = executions.nextRunId;
  closeExecution(executions, execution, 'continued-as-new', {
    workflowExecutionContinuedAsNewEventAttributes: {
      newExecutionRunId,
      workflowType: { name: command.workflowType || start.workflowType },
      taskQueue: { name: command.taskQueue || start.taskQueue },
      input: { payloads: input },
      ...by,
    },
  });
  executions.begin({
    ...start,
    input,
    workflowType: command.workflowType || start.workflowType,
    taskQueue: command.taskQueue || start.taskQueue,
    memo: { fields: { ...execution.memo, ...command.memo } },
    searchAttributes: { indexedFields: { ...execution.searchAttributes } },
    continuedFrom: start.runId,
    firstRunId: start.firstRunId,
    root: start.root,
  });
}

function tellParent(
  executions: Executions,
  { workflowId, runId, initiatedId }: NonNullable<StartInput['parent']>,
  child: ExecutionId,
  status: Status,
  attributes: Attributes,
): void {
  let parent = executions.find({ workflowId, runId });
  while (parent?.resetTo) parent = parent.resetTo;
  // A run that was reset may have begun another one at that event.
  const isIt = (one: { readonly initiatedId: number; readonly workflowId: string }) =>
    one.initiatedId === initiatedId && one.workflowId === child.workflowId;
  const [seq] = [...(parent?.children ?? [])].find(([, one]) => isIt(one)) ?? [];
  if (!parent || seq === undefined) return;
  parent.pending.children--;
  const of = { initiatedEventId: initiatedId, workflowExecution: child };
  const [details] = Object.values(attributes) as [{ result?: { payloads?: object[] }; failure?: Failure }];
  const { workflowType: name } = executions.find(child)?.start ?? {};
  const wrap = (cause: Failure): Failure => ({
    message: 'Child Workflow execution failed',
    cause,
    childWorkflowExecutionFailureInfo: {
      workflowExecution: child,
      workflowType: { name: name ?? '' },
      initiatedEventId: initiatedId as never,
      retryState: 5,
    },
  });
  const happened = (event: string, more: object, result: object) =>
    parent.happen({
      attributes: { [`childWorkflowExecution${event}EventAttributes`]: { ...of, ...more } },
      // Until the history has it, it can be asked to cancel.
      job: ({ children }) => {
        children.delete(seq);
        return { resolveChildWorkflowExecution: { seq, result } } as Job;
      },
      happensAgain: ({ children }) => children.has(seq),
    });
  if (status === 'completed') {
    const { result } = details;
    return happened(
      'Completed',
      { ...(result && { result }) },
      {
        completed: { result: result?.payloads?.[0] ?? null },
      },
    );
  }
  if (status === 'failed') {
    const { failure = {} } = details;
    return happened('Failed', { failure, retryState: 5 }, { failed: { failure: wrap(failure) } });
  }
  if (status === 'canceled') {
    const failure = wrap({ message: 'Child Workflow cancelled', canceledFailureInfo: {} });
    return happened('Canceled', {}, { cancelled: { failure } });
  }
  const failure = wrap({ message: 'Child Workflow terminated', terminatedFailureInfo: {} });
  happened('Terminated', {}, { failed: { failure } });
}
