import { Client, type WorkflowClientInterceptor } from '@temporalio/client';
import { SagaClient } from '../client';
import type { Placement } from '../saga';
import type { Stage } from './environment';
import { UNPOLLED, type Unpolled } from './unpolled';

/** A client that starts a saga where it is to run. @param unpolled the operation that is to find nobody at its task queue */
export function sagaClientOn(
  { connection, namespace }: Stage,
  workflow: string,
  placement: Placement,
  unpolled: Unpolled | undefined,
): SagaClient {
  const interceptors = [
    ...(placement === 'express' ? [withShortTasks] : []),
    ...(unpolled ? [withMemo(UNPOLLED, unpolled)] : []),
  ];
  const temporal = new Client({ connection, namespace, interceptors: { workflow: interceptors } });
  return new SagaClient(temporal, { placements: { [workflow]: placement } });
}

/** The task of an express saga lasts as long as its steps: it hears of nothing before a part of this time is over. */
const withShortTasks: WorkflowClientInterceptor = {
  start: (input, next) =>
    next({ ...input, options: { ...input.options, workflowTaskTimeout: { nanos: 999_000_000 } } }),
};

function withMemo(name: string, value: unknown): WorkflowClientInterceptor {
  return {
    start: (input, next) =>
      next({ ...input, options: { ...input.options, memo: { ...input.options.memo, [name]: value } } }),
  };
}
