import type { temporal } from '@temporalio/proto';

export type Payload = temporal.api.common.v1.IPayload;
export type Failure = temporal.api.failure.v1.IFailure;

/** Which execution, in the one namespace of a simulation. */
export interface ExecutionId {
  readonly workflowId: string;
  readonly runId: string;
}

/** How a run was started. Payloads and times are those of the API. */
export interface StartInput extends ExecutionId {
  readonly workflowType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  readonly header?: temporal.api.common.v1.IHeader | null;
  readonly memo?: temporal.api.common.v1.IMemo | null;
  readonly searchAttributes?: temporal.api.common.v1.ISearchAttributes | null;
  readonly taskTimeoutMs: number;
  readonly firstRunId: string;
  readonly continuedFrom?: string;
  readonly parent?: ExecutionId & { readonly initiatedId: number };
  readonly root: ExecutionId;
  readonly userMetadata?: temporal.api.sdk.v1.IUserMetadata | null;
}
