import { TypedSearchAttributes } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import {
  ApplicationFailure,
  ChildWorkflowFailure,
  isCancellation,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { StepCall } from './call';
import { CANCELLED, engineFailure } from './core/failures';
import type { Entry, Outcome } from './core/entry';
import type { Ledger } from './core/ledger';
import { detailsText, summaryLine } from './markdown';
import { placementMemo } from './placement';
import { jsonBytes, refuseSize } from './core/payload-size';
import { readFailure } from './read-failure';
import { askDeclaration, describeBy } from './core/snapshot';
import { isReport } from './report';
import type { RescueEntry, RescueInput } from './rescue-input';
import { SagaStatus } from './search-attributes';
import { type NestedSaga, RESCUE } from './step';

/** The memo of a saga that is a step of another one: the call that it is. */
export const NESTED_IN = 'SagaNestedIn';

/** What a nested saga returns to its parent: its result, and what it takes to reverse it (S13). */
export interface NestedResult {
  readonly result: unknown;
  /** Its compensation stack, the pivot's compensation included. */
  readonly entries: readonly RescueEntry[];
  /** Its pivot, if it passed one that cannot be reversed. */
  readonly irreversible?: string;
  /** Whether something of it stands after a reverse: what has no compensation. */
  readonly leaves: boolean;
}

/** The saga that this workflow is nested in, if it is. */
export function parentOf(memo: Record<string, unknown> | undefined): StepCall | undefined {
  return memo?.[NESTED_IN] as StepCall | undefined;
}

/** The workflow id of the saga that a step is. Derived from its place, so it is the same in a reset parent (B6). */
export function nestedId(entry: Entry): string {
  return `${entry.sagaId ?? workflowInfo().workflowId}.${entry.id}`;
}

/** Runs the saga that a step is, to its end. */
export async function runNested(entry: Entry, saga: NestedSaga, call: StepCall): Promise<Outcome> {
  const { input } = entry;
  const summary = describeBy(saga.summary, input);
  const details = describeBy(saga.details, input);
  const attributes = askDeclaration(saga.attributes, input);
  try {
    const child = await startChild(saga.workflow, {
      workflowId: nestedId(entry),
      taskQueue: saga.taskQueue,
      args: [input],
      workflowIdReusePolicy: 'REJECT_DUPLICATE',
      // Terminated together with its parent it could not compensate.
      parentClosePolicy: 'REQUEST_CANCEL',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      memo: { ...placementMemo(saga.placement), [NESTED_IN]: call },
      typedSearchAttributes: new TypedSearchAttributes([
        { key: SagaStatus, value: 'FORWARD' },
        ...(Array.isArray(attributes) ? attributes : []),
      ]),
      ...(summary !== undefined && { staticSummary: summaryLine(summary) }),
      ...(details !== undefined && { staticDetails: detailsText(details) }),
    });
    return { kind: 'succeeded', output: await child.result() };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return outcomeOfNested(entry, error);
  }
}

/** What a body is answered by a step. */
export function answerOf({ step }: Entry, output: unknown): unknown {
  return step.nested ? (output as NestedResult).result : output;
}

/** S2 for a saga: one that has unwound itself is refused; only of one that was ended by force nobody knows. */
function outcomeOfNested(entry: Entry, error: TemporalFailure): Outcome {
  const failure = readFailure(error);
  if (isCancellation(error)) return { kind: 'refused', failure: { ...failure, code: CANCELLED } };
  const cause = error instanceof ChildWorkflowFailure ? error.cause : undefined;
  const report = cause instanceof ApplicationFailure ? cause.details?.[0] : undefined;
  if (isReport(report)) return { kind: 'refused', failure };
  return {
    kind: 'unknown',
    failure: engineFailure('NESTED_ENDED_BY_FORCE', `${nestedId(entry)}: ${failure.message}`),
  };
}

/** Reverses the saga that a step was, in a workflow of its own; the same one that a client's `reverse` starts. */
export async function reverseNested(
  entry: Entry,
  { taskQueue }: NestedSaga,
  call: StepCall,
): Promise<Outcome> {
  const sagaId = nestedId(entry);
  const { outcome } = entry;
  if (outcome?.kind !== 'succeeded') {
    const message = `${sagaId} was ended by force: rescue it, then resolve ${entry.id}`;
    return { kind: 'unknown', failure: engineFailure('NESTED_ENDED_BY_FORCE', message) };
  }
  const { entries, irreversible, leaves } = outcome.output as NestedResult;
  if (irreversible !== undefined) {
    const message = `${sagaId} has passed its pivot ${irreversible}, which declares no compensation`;
    return { kind: 'unknown', failure: engineFailure('NESTED_IRREVERSIBLE', message) };
  }
  if (leaves) entry.leaves = true;
  if (entries.length === 0) return { kind: 'succeeded', output: null };
  const input: RescueInput = { sagaId, why: 'reverse', entries };
  const tooLarge = refuseSize(`what it takes to reverse ${sagaId}`, jsonBytes(input));
  if (tooLarge) return { kind: 'unknown', failure: tooLarge };
  try {
    const child = await startChild(RESCUE, {
      workflowId: `${sagaId}-reverse`,
      taskQueue,
      args: [input],
      workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
      parentClosePolicy: 'ABANDON',
      memo: { [NESTED_IN]: call },
      typedSearchAttributes: new TypedSearchAttributes([{ key: SagaStatus, value: 'UNWINDING' }]),
    });
    return { kind: 'succeeded', output: await child.result() };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return { kind: 'unknown', failure: readFailure(error) };
  }
}

/** What a nested saga returns: its parent keeps it, so that it outlives the child's own history. */
export function nestedResult(result: unknown, { entries, leavesEarlier }: Ledger): NestedResult {
  const stands = entries.filter(({ outcome, undoing }) => outcome?.kind === 'succeeded' && !undoing);
  const pivot = stands.find(({ step }) => step.kind === 'pivot');
  return {
    result,
    entries: stands.flatMap((entry) => rescueEntry(entry) ?? []),
    ...(pivot && pivot.step.compensation === undefined && { irreversible: pivot.id }),
    leaves:
      leavesEarlier ||
      stands.some(({ step, leaves }) => leaves || step.kind === 'irreversible' || step.kind === 'retriable'),
  };
}

function rescueEntry(entry: Entry): RescueEntry | undefined {
  const { id, step, input, summary, outcome, began, settled, startedAt, settledAt } = entry;
  const { compensation } = step;
  if (compensation === undefined || outcome?.kind !== 'succeeded') return undefined;
  return {
    step: id,
    kind: step.kind,
    taskQueue: step.participant.taskQueue,
    compensation,
    startToCloseMs: msToNumber(step.compensationAttempts.startToClose ?? '10s'),
    ...(summary !== undefined && { summary }),
    ...(step.nested && { nested: true }),
    input,
    succeeded: true,
    output: outcome.output,
    began,
    startedAt,
    ...(settled !== undefined && { settled }),
    ...(settledAt !== undefined && { settledAt }),
  };
}
