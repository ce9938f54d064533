import type { coresdk } from '@temporalio/proto';
import type { Attributes } from './events';
import type { ByTask, Execution, ExecutionId, Failure, StartInput, Status } from './execution';
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
  const { parent, workflowId, runId } = execution.start;
  if (status !== 'continued-as-new' && parent) {
    executions.agenda.send(() => tellParent(executions, parent, { workflowId, runId }, status, attributes));
  }
  for (const child of executions.runs) {
    if (child.isOpen && child.start.parent?.runId === runId) orphan(executions, child, execution);
  }
}

/** What a child's policy says about the end of its parent. */
function orphan(executions: Executions, child: Execution, parent: Execution): void {
  const policy = parent.closePolicies.get(child.start.parent?.initiatedId ?? 0);
  if (parent.status === 'continued-as-new' || policy === 'abandon') return;
  if (policy === 'request-cancel') executions.agenda.send(() => executions.requestCancel(child));
  else executions.agenda.send(() => terminateExecution(executions, child, 'by parent close policy'));
}

export function terminateExecution(executions: Executions, execution: Execution, reason: string): void {
  if (!execution.isOpen) return;
  closeExecution(executions, execution, 'terminated', {
    workflowExecutionTerminatedEventAttributes: { reason },
  });
  execution.evict();
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
  const next = executions.begin({
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
  for (const [seq, policy] of execution.closePolicies) next.closePolicies.set(seq, policy);
}

function tellParent(
  executions: Executions,
  { workflowId, runId, initiatedId }: NonNullable<StartInput['parent']>,
  child: ExecutionId,
  status: Status,
  attributes: Attributes,
): void {
  const parent = executions.find({ workflowId, runId });
  const [seq] = [...(parent?.children ?? [])].find(([, one]) => one.initiatedId === initiatedId) ?? [];
  if (!parent || seq === undefined) return;
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
      job: () => {
        parent.children.delete(seq);
        return { resolveChildWorkflowExecution: { seq, result } } as Job;
      },
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
