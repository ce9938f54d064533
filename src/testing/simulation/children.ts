import type { ByTask, Execution } from './execution';
import type { Executions } from './executions';
import { type Command } from './sandbox';

/** Does what a workflow task asks for: starts another workflow as its child. */
export function startChild(
  executions: Executions,
  execution: Execution,
  { startChildWorkflowExecution, userMetadata }: Command,
  by: ByTask,
): void {
  const command = startChildWorkflowExecution ?? {};
  const { workflowId, workflowType, memo, searchAttributes, headers } = command;
  const seq = command.seq ?? 0;
  const id = workflowId ?? '';
  const input = command.input ?? [];
  const taskQueue = command.taskQueue || execution.start.taskQueue;
  const described = {
    workflowId: id,
    workflowType: { name: workflowType },
    taskQueue: { name: taskQueue },
    input: { payloads: input },
    memo: { fields: memo },
    searchAttributes,
    header: { fields: headers },
  };
  const initiatedId = execution.history.add(
    { startChildWorkflowExecutionInitiatedEventAttributes: { ...described, ...by } },
    userMetadata,
  );
  execution.children.set(seq, { initiatedId, workflowId: id });
  execution.closePolicies.set(initiatedId, closePolicies[command.parentClosePolicy ?? 0] ?? 'terminate');
  executions.agenda.send(() => {
    if (!execution.isOpen) return;
    const known = executions.find({ workflowId: id });
    if (known && (known.isOpen || command.workflowIdReusePolicy === REJECT_DUPLICATE)) {
      execution.happen({
        attributes: {
          startChildWorkflowExecutionFailedEventAttributes: {
            workflowId: id,
            workflowType: { name: workflowType },
            cause: ALREADY_EXISTS,
            initiatedEventId: initiatedId,
          },
        },
        job: () => {
          execution.children.delete(seq);
          const failed = { workflowId: id, workflowType: workflowType ?? '', cause: ALREADY_EXISTS };
          return { resolveChildWorkflowExecutionStart: { seq, failed } };
        },
      });
      return;
    }
    const { workflowId: parentId, runId: parentRun } = execution.start;
    const child = executions.begin({
      workflowId: id,
      workflowType: workflowType ?? '',
      taskQueue,
      input,
      memo: { fields: { ...memo } },
      searchAttributes: { ...searchAttributes },
      header: { fields: { ...headers } },
      taskTimeoutMs: 10_000,
      parent: { workflowId: parentId, runId: parentRun, initiatedId },
      root: execution.start.root,
      ...(userMetadata && { userMetadata }),
    });
    execution.happen({
      attributes: {
        childWorkflowExecutionStartedEventAttributes: {
          initiatedEventId: initiatedId,
          workflowExecution: { workflowId: id, runId: child.start.runId },
          workflowType: { name: workflowType },
        },
      },
      job: () => ({
        resolveChildWorkflowExecutionStart: { seq, succeeded: { runId: child.start.runId } },
      }),
    });
  });
}

const closePolicies = ['terminate', 'terminate', 'abandon', 'request-cancel'] as const;
/** Numbers of the API's enumerations. */
const REJECT_DUPLICATE = 3;
const ALREADY_EXISTS = 1;
