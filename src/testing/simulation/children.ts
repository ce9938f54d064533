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
  execution.closePolicies.set(initiatedId, closePolicies[command.parentClosePolicy ?? 0] ?? 'terminate');
  execution.begin(initiatedId, (run) => {
    const pending = { initiatedId, workflowId: id, isStarted: false };
    run.children.set(seq, pending);
    run.pending.children++;
    executions.agenda.send(() => {
      if (!run.isOpen || pending.isStarted) return;
      const known = executions.find({ workflowId: id });
      if (known && (known.isOpen || command.workflowIdReusePolicy === REJECT_DUPLICATE)) {
        run.pending.children--;
        return run.happen({
          attributes: {
            startChildWorkflowExecutionFailedEventAttributes: {
              workflowId: id,
              workflowType: { name: workflowType },
              cause: ALREADY_EXISTS,
              initiatedEventId: initiatedId,
            },
          },
          job: ({ children }) => {
            children.delete(seq);
            const failed = { workflowId: id, workflowType: workflowType ?? '', cause: ALREADY_EXISTS };
            return { resolveChildWorkflowExecutionStart: { seq, failed } };
          },
          happensAgain: ({ children }) => children.has(seq),
        });
      }
      const { workflowId: parentId, runId: parentRun } = run.start;
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
        root: run.start.root,
        ...(userMetadata && { userMetadata }),
      });
      const { runId } = child.start;
      run.happen({
        attributes: {
          childWorkflowExecutionStartedEventAttributes: {
            initiatedEventId: initiatedId,
            workflowExecution: { workflowId: id, runId },
            workflowType: { name: workflowType },
          },
        },
        job: ({ children }) => {
          const one = children.get(seq);
          if (one) one.isStarted = true;
          return { resolveChildWorkflowExecutionStart: { seq, succeeded: { runId } } };
        },
        happensAgain: ({ children }) => children.get(seq)?.isStarted === false,
      });
    });
  });
}

const closePolicies = ['terminate', 'terminate', 'abandon', 'request-cancel'] as const;
/** Numbers of the API's enumerations. */
const REJECT_DUPLICATE = 3;
const ALREADY_EXISTS = 1;
