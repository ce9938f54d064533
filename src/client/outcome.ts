import {
  type Client,
  type WorkflowExecutionDescription,
  WorkflowFailedError,
  type WorkflowHandle,
} from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { isReport, type SagaReport } from '../saga/report';
import { SagaStatus, SagaStuckStep } from '../saga/search-attributes';
import { CANCELLED, engineFailure, FAILED, type Failure } from '../saga/core/failures';
import { NESTED_IN } from '../saga/nested';
import type { NestedResult } from '../saga/nested';

/**
 * The state of a saga, or how it ended (S16).
 * - `completed`: with `effectsRemain`, an effect remains that a failed save-point (or the rescue, if it is one) had to undo: an
 *   operator skipped it, or it is irreversible. The report names the steps.
 * - `partly-compensated`: over, but an effect remains: an operator skipped it (S6), or it is irreversible.
 * - `failed`: the workflow failed, and not as a saga that unwound: its start was refused (`UNSAFE_TIMEOUT`), for instance.
 *   If the workflow had run steps before, their effects remain: the audit reports `FAILED_HALF_WAY`.
 * - `terminated`: terminated or timed out, and its effects need a rescue.
 */
export type SagaOutcome<Result> =
  | { readonly kind: 'completed'; readonly result: Result; readonly effectsRemain?: true }
  | { readonly kind: 'compensated'; readonly reason: Failure; readonly report: SagaReport }
  | { readonly kind: 'partly-compensated'; readonly reason: Failure; readonly report?: SagaReport }
  | { readonly kind: 'cancelled' }
  | { readonly kind: 'failed'; readonly reason: Failure }
  | { readonly kind: 'terminated'; readonly reason: Failure }
  | { readonly kind: 'running' }
  | { readonly kind: 'stuck'; readonly step: string };

/** The latest run of a saga, as it was looked at. */
export interface SagaRun {
  readonly description: WorkflowExecutionDescription;
  /** Of this run: another one goes on if it has been reset since, and its result would be waited for. */
  readonly handle: WorkflowHandle;
}

/** @throws WorkflowNotFoundError */
export async function readLatestRun(client: Client, sagaId: string): Promise<SagaRun> {
  const description = await client.workflow.getHandle(sagaId).describe();
  return { description, handle: client.workflow.getHandle(sagaId, description.runId) };
}

/** Reads a saga's state and outcome. @throws WorkflowNotFoundError */
export async function readOutcome<Result>(client: Client, sagaId: string): Promise<SagaOutcome<Result>> {
  return await outcomeOf(await readLatestRun(client, sagaId));
}

/** Reads the state and outcome of a run. */
export async function outcomeOf<Result>({ description, handle }: SagaRun): Promise<SagaOutcome<Result>> {
  switch (description.status.name) {
    case 'RUNNING':
    case 'PAUSED':
      return openOutcome(description);
    case 'COMPLETED':
      return {
        kind: 'completed',
        result: resultOf(description, await handle.result()) as Result,
        ...(isPartlyCompensated(description) && { effectsRemain: true }),
      };
    case 'CANCELLED':
      return cancelledOutcome(description);
    case 'FAILED':
      return await failedOutcome(handle.result());
    default:
      return {
        kind: 'terminated',
        reason: { code: description.status.name, message: 'terminated or timed out: what it did may remain' },
      };
  }
}

/** A nested saga answers its parent with more than its result (S10). */
function resultOf(description: WorkflowExecutionDescription, result: unknown): unknown {
  return description.memo?.[NESTED_IN] ? (result as NestedResult).result : result;
}

function openOutcome(description: WorkflowExecutionDescription): SagaOutcome<never> {
  const attributes = description.typedSearchAttributes;
  if (attributes.get(SagaStatus) !== 'STUCK') return { kind: 'running' };
  return { kind: 'stuck', step: attributes.get(SagaStuckStep) ?? 'unknown' };
}

/** Whether a saga that has ended says that an effect remains which it had to undo. */
export function isPartlyCompensated({ typedSearchAttributes }: WorkflowExecutionDescription): boolean {
  return typedSearchAttributes.get(SagaStatus) === 'PARTLY_COMPENSATED';
}

/** Temporal keeps no details of a cancelled workflow, so what visibility says decides. */
function cancelledOutcome(description: WorkflowExecutionDescription): SagaOutcome<never> {
  if (!isPartlyCompensated(description)) return { kind: 'cancelled' };
  return { kind: 'partly-compensated', reason: engineFailure(CANCELLED, 'cancelled by request') };
}

async function failedOutcome(result: Promise<unknown>): Promise<SagaOutcome<never>> {
  try {
    await result;
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return failureOutcome(error.cause);
  }
  throw new Error('a failed workflow gave a result');
}

function failureOutcome(cause: Error | undefined): SagaOutcome<never> {
  if (!(cause instanceof ApplicationFailure)) {
    return { kind: 'failed', reason: engineFailure(FAILED, cause?.message ?? 'no cause given') };
  }
  const reason = { code: cause.type ?? FAILED, message: cause.message };
  const [report] = cause.details ?? [];
  if (!isReport(report)) return { kind: 'failed', reason };
  const kind = report.status === 'partly-compensated' ? 'partly-compensated' : 'compensated';
  return { kind, reason, report };
}
