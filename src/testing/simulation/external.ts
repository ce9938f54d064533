import type { ByTask, Execution } from './execution';
import type { Failure } from './start-input';
import type { Executions } from './executions';
import type { Command, Job } from './sandbox';

/** Does what a workflow task asks for: signals another workflow. */
export function signalFrom(
  executions: Executions,
  execution: Execution,
  { signalExternalWorkflowExecution }: Command,
  by: ByTask,
): void {
  const command = signalExternalWorkflowExecution ?? {};
  const { childWorkflowId, workflowExecution, signalName } = command;
  const seq = command.seq ?? 0;
  const workflowId = childWorkflowId || (workflowExecution?.workflowId ?? '');
  const runId = workflowExecution?.runId ?? '';
  const target = { namespace: executions.namespace, workflowExecution: { workflowId, runId } };
  const input = command.args ?? [];
  const initiatedEventId = execution.history.add({
    signalExternalWorkflowExecutionInitiatedEventAttributes: {
      ...target,
      signalName,
      input: { payloads: input },
      ...by,
    },
  });
  execution.begin(initiatedEventId, (run) => {
    run.pending.signals++;
    executions.agenda.send(() => {
      run.pending.signals--;
      const receiver = executions.find({ workflowId, runId });
      if (receiver?.isOpen) {
        executions.signal(receiver, signalName ?? '', input);
        return run.happen({
          attributes: { externalWorkflowExecutionSignaledEventAttributes: { ...target, initiatedEventId } },
          job: () => ({ resolveSignalExternalWorkflow: { seq } }),
        });
      }
      run.happen({
        attributes: {
          signalExternalWorkflowExecutionFailedEventAttributes: { ...target, initiatedEventId, cause: 1 },
        },
        job: () => ({ resolveSignalExternalWorkflow: { seq, failure: notFound(workflowId) } }),
      });
    });
  });
}

/**
 * Does what a workflow task asks for: cancels another workflow.
 * @param seq of the command; a child's cancel has none that its parent hears of
 */
export function cancelFrom(
  executions: Executions,
  execution: Execution,
  workflowId: string,
  seq: number | undefined,
  by: ByTask,
): void {
  const childWorkflowOnly = seq === undefined;
  const target = { namespace: executions.namespace, workflowExecution: { workflowId } };
  const initiatedEventId = execution.history.add({
    requestCancelExternalWorkflowExecutionInitiatedEventAttributes: { ...target, childWorkflowOnly, ...by },
  });
  execution.begin(initiatedEventId, (run) => {
    run.pending.cancelRequests++;
    executions.agenda.send(() => {
      run.pending.cancelRequests--;
      const receiver = executions.find({ workflowId });
      const isThere = receiver?.isOpen === true;
      if (isThere) executions.requestCancel(receiver);
      const ids = { ...target, initiatedEventId };
      const failure = isThere ? {} : { failure: notFound(workflowId) };
      run.happen({
        attributes: isThere
          ? { externalWorkflowExecutionCancelRequestedEventAttributes: ids }
          : { requestCancelExternalWorkflowExecutionFailedEventAttributes: { ...ids, cause: 1 } },
        ...(!childWorkflowOnly && {
          job: (): Job => ({ resolveRequestCancelExternalWorkflow: { seq, ...failure } }),
        }),
      });
    });
  });
}

function notFound(workflowId: string): Failure {
  return {
    message: `Unable to signal external workflow because it was not found: ${workflowId}`,
    applicationFailureInfo: { type: 'ExternalWorkflowExecutionNotFound', nonRetryable: true },
  };
}
