import type { WorkflowInterceptors } from '@temporalio/workflow';
import { workflowInfo } from '@temporalio/workflow';
import type { StepCall } from '../saga';

/** An operation that is to wait on a task queue that nobody polls. */
export interface Unpolled {
  readonly sagaId: string;
  /** An `OperationName`. */
  readonly at: string;
  readonly taskQueue: string;
}

/** The memo by which a saga, and those nested in it, know which operation that is. */
export const UNPOLLED = 'SagaTestUnpolled';

/** Runs in the workflows of the kit: puts one operation of a saga on a task queue that has no worker. */
export function interceptors(): WorkflowInterceptors {
  return {
    outbound: [
      {
        scheduleActivity(input, next) {
          const [, call] = input.args as [unknown, StepCall];
          const taskQueue = queueOf(call) ?? input.options.taskQueue;
          return next({
            ...input,
            options: { ...input.options, ...(taskQueue !== undefined && { taskQueue }) },
          });
        },
        startChildWorkflowExecution(input, next) {
          const unpolled = unpolledHere();
          const memo = { ...input.options.memo, ...(unpolled && { [UNPOLLED]: unpolled }) };
          return next({ ...input, options: { ...input.options, memo } });
        },
      },
    ],
  };
}

function queueOf({ op, sagaId, step }: StepCall): string | undefined {
  const unpolled = unpolledHere();
  if (!unpolled) return undefined;
  const at = `${op} ${`${sagaId}.${step}`.slice(unpolled.sagaId.length + 1)}`;
  return at === unpolled.at ? unpolled.taskQueue : undefined;
}

/** The memo is not known yet when the interceptors are made. */
function unpolledHere(): Unpolled | undefined {
  return workflowInfo().memo?.[UNPOLLED] as Unpolled | undefined;
}
