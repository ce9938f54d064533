import {
  type Priority,
  TypedSearchAttributes,
  type Workflow,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowFailure,
  condition,
  type ChildWorkflowHandle,
  defineSignal,
  isCancellation,
  log,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { StepCall } from './call';
import type { NestedRuns } from './core/carried';
import type { Entry, Outcome } from './core/entry';
import type { SagaErrorCode } from './core/error-codes';
import { CANCELLED, engineFailure, type Failure } from './core/failures';
import { nestedSagaId, undoWorkflowId } from './core/ids';
import type { ReportNumber } from './core/ledger';
import { jsonBytes } from './core/payload-size';
import type { StuckPolicy } from './stuck-policy';
import { readFailure } from './failures';
import { detailsText, summaryLine } from './markdown';
import { placementMemo, policyMemo } from './memo';
import { priorityProblem } from './priority';
import { isReport } from './report';
import type { RescueEntry, RescueInput } from './rescue-entry';
import { SagaStatus } from './search-attributes';
import { askDeclaration, describeBy } from './snapshot';
import {
  hasRoomFor,
  MAX_STACK_BYTES,
  received,
  type ReceivedParts,
  sendParts,
  splitStack,
  stackPart,
} from './stack-parts';
import { type NestedSaga, RESCUE } from './step';

/** What a nested saga returns to its parent: its result, and what is needed to reverse it (S13). */
export interface NestedResult {
  readonly result: unknown;
  /** Its compensation stack, the pivot's compensation included. */
  readonly entries: readonly RescueEntry[];
  /** The stack was too large for this result and was sent to the parent in parts under this name; `entries` is empty. */
  readonly stack?: string;
  /** The parent does not have the stack; `entries` is empty. */
  readonly missing?: boolean;
  /** Its pivot, if it passed one that cannot be reversed. */
  readonly irreversible?: string;
  /** Whether an effect of it remains after a reverse: that of a step without a compensation. */
  readonly effectsRemain: boolean;
  /** What its definition says about stuck operations, if it says anything. */
  readonly policy?: StuckPolicy;
  /** Its priority, if it has one: a reverse has the same. */
  readonly priority?: Priority;
}

/** What a nested saga says to its parent when it cannot go on by itself, and when it can again. */
export interface NestedReport {
  readonly sagaId: string;
  /** Absent from workers that number nothing yet. */
  readonly from?: ReportNumber;
  readonly stuck?: Failure;
  /** It has ended, and something of it stays for good. */
  readonly effectsRemain?: boolean;
}

export const nestedReport = defineSignal<[NestedReport]>('nestedSaga');

/** The memo of a saga that is a step of another one: the call that it is. */
export const NESTED_IN = 'SagaNestedIn';
/** The memo of one that earlier runs of its parent have run before: the ids of its own earlier runs (S17). */
const EARLIER_RUN_IDS = 'SagaEarlierRuns';

/** The earlier runs of this workflow that its parent knows. */
export function earlierRunIds(): readonly string[] {
  return (workflowInfo().memo?.[EARLIER_RUN_IDS] as readonly string[] | undefined) ?? [];
}

/** The saga that this workflow is nested in, if it is. */
export function parentOf(memo: Record<string, unknown> | undefined): StepCall | undefined {
  return memo?.[NESTED_IN] as StepCall | undefined;
}

/** The workflow id of the saga that a step is. Derived from its place, so it is the same in a reset parent (B6). */
export function nestedId(entry: Entry): string {
  return nestedSagaId(entry.sagaId ?? workflowInfo().workflowId, entry.id);
}

/** What a run knows of nested sagas from before a reset (S17). */
interface Nestings {
  readonly nestedRuns: NestedRuns;
  readonly lostNested: readonly string[];
}

/** Runs the saga that a step is, to its end. */
export async function runNested(
  entry: Entry,
  saga: NestedSaga,
  call: StepCall,
  nestings: Nestings,
): Promise<Outcome> {
  const earlierRuns = nestings.nestedRuns[entry.id] ?? [];
  const { input } = entry;
  const summary = describeBy(saga.summary, input);
  const details = describeBy(saga.details, input);
  const attributes = askDeclaration(saga.attributes, input);
  const priority = priorityOf(entry, saga);
  let child: ChildWorkflowHandle<Workflow>;
  try {
    child = await startChild(saga.workflow, {
      workflowId: nestedId(entry),
      taskQueue: saga.taskQueue,
      args: [input],
      workflowIdReusePolicy: wasReset() ? 'ALLOW_DUPLICATE' : 'REJECT_DUPLICATE',
      // Terminated together with its parent it could not compensate.
      parentClosePolicy: 'REQUEST_CANCEL',
      cancellationType: 'WAIT_CANCELLATION_COMPLETED',
      memo: {
        ...placementMemo(saga.placement),
        ...policyMemo(saga.stuck),
        [NESTED_IN]: call,
        ...(earlierRuns.length > 0 && { [EARLIER_RUN_IDS]: earlierRuns }),
      },
      typedSearchAttributes: new TypedSearchAttributes([
        { key: SagaStatus, value: 'FORWARD' },
        ...(Array.isArray(attributes) ? attributes : []),
      ]),
      ...(priority && { priority }),
      ...(summary !== undefined && { staticSummary: summaryLine(summary) }),
      ...(details !== undefined && { staticDetails: detailsText(details) }),
    });
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    if (error instanceof WorkflowExecutionAlreadyStartedError) return startedBefore(entry);
    const outcome = outcomeOfNested(entry, error);
    return outcome.kind === 'refused' ? { ...outcome, notCalled: true } : outcome;
  }
  try {
    const end = await endOf(child, nestings);
    if (end === 'lost') return startedBefore(entry);
    return { kind: 'succeeded', output: withStack(end.result as NestedResult, received()) };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return outcomeOfNested(entry, error);
  }
}

/** The priority that its definition gives a nested saga. An invalid one is logged and dropped, so the saga inherits its parent's. */
function priorityOf(entry: Entry, saga: NestedSaga): Priority | undefined {
  const priority = askDeclaration(saga.priority, entry.input);
  const problem = priority && priorityProblem(priority);
  if (problem === undefined) return priority;
  log.warn('a nested saga has the priority of its parent', { step: entry.id, problem });
  return undefined;
}

/** Waits for the end of a nested saga; `lost`: it has ended while this saga was closed, before a reset, and does not tell it. */
async function endOf(
  child: ChildWorkflowHandle<Workflow>,
  nestings: Nestings,
): Promise<{ readonly result: unknown } | 'lost'> {
  let isOver = false;
  const isLost = () => nestings.lostNested.includes(child.workflowId);
  const result = child.result().finally(() => (isOver = true));
  // A cancel is for the nested saga, which is waited for also then.
  const lost = CancellationScope.nonCancellable(() => condition(() => isOver || isLost()));
  await Promise.race([result, lost]);
  return isLost() && !isOver ? 'lost' : { result: await result };
}

/** What a body is answered by a step. */
export function answerOf({ step }: Entry, output: unknown): unknown {
  return step.nested ? (output as NestedResult).result : output;
}

/** S2 for a saga: one that has unwound itself is refused; of one that was terminated or timed out nobody knows. */
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

/**
 * Whether an earlier run of this saga may have run its nested sagas to their end: then another run of them repeats their calls
 * and gets their answers (S17). In any other saga the id of a nested saga that is taken belongs to someone else.
 */
function wasReset(): boolean {
  const { runId, originalExecutionRunId } = workflowInfo();
  return runId !== originalExecutionRunId;
}

const STARTED_BEFORE = 'NESTED_STARTED_BEFORE' satisfies SagaErrorCode;

/** Its parent was reset to before its start: the saga answers to the earlier run, and nothing attaches it to this one. */
export function startedBefore(entry: Entry): Outcome {
  const sagaId = nestedId(entry);
  const message = `${sagaId} was started before, by an earlier run of this saga or by someone else; this run can neither wait for it nor reverse it: cancel ${sagaId} if it runs, reverse it if it has completed, then resolve ${entry.id}`;
  return { kind: 'unknown', failure: engineFailure(STARTED_BEFORE, message) };
}

/** Reverses the saga that a step was, in a workflow of its own; the same one that a client's `reverse` starts. */
export async function reverseNested(
  entry: Entry,
  { taskQueue }: NestedSaga,
  call: StepCall,
  nestings: Nestings,
): Promise<Outcome> {
  const sagaId = nestedId(entry);
  const { outcome } = entry;
  if (outcome?.kind !== 'succeeded') {
    if (outcome?.failure.code === STARTED_BEFORE) return outcome;
    const message = `${sagaId} was terminated or timed out: rescue it, then resolve ${entry.id}`;
    return { kind: 'unknown', failure: engineFailure('NESTED_ENDED_BY_FORCE', message) };
  }
  const { entries, missing, irreversible, policy, priority } = outcome.output as NestedResult;
  if (irreversible !== undefined) {
    const message = `${sagaId} has passed its pivot ${irreversible}, which declares no compensation`;
    return { kind: 'unknown', failure: engineFailure('NESTED_IRREVERSIBLE', message) };
  }
  if (missing) return stackMissing(entry);
  if (entries.length === 0) return { kind: 'succeeded', output: null };
  const input: RescueInput = { sagaId, why: 'reverse', entries, ...(policy && { policy }) };
  const parts = jsonBytes(input) <= MAX_STACK_BYTES ? [] : splitStack(sagaId, entries);
  if (parts.length > 0 && !hasRoomFor(parts)) return stackMissing(entry);
  try {
    const child = await startChild(RESCUE, {
      workflowId: undoWorkflowId(sagaId, 'reverse'),
      taskQueue,
      args: [parts.length === 0 ? input : { ...input, entries: [], parts: parts.length }],
      // A saga that was reset to before it unwound reverses it again, which changes nothing (B3).
      workflowIdReusePolicy: 'ALLOW_DUPLICATE',
      parentClosePolicy: 'ABANDON',
      memo: { [NESTED_IN]: call },
      ...(priority && { priority }),
      typedSearchAttributes: new TypedSearchAttributes([{ key: SagaStatus, value: 'UNWINDING' }]),
    });
    await sendParts(parts, (part) => child.signal(stackPart, part));
    const end = await endOf(child, nestings);
    if (end !== 'lost') return { kind: 'succeeded', output: end.result };
    const message = `${child.workflowId} has ended while this saga was closed; it is asked again`;
    return { kind: 'unknown', failure: engineFailure('NESTED_STARTED_BEFORE', message) };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) {
      const { code, message, ...failure } = readFailure(error);
      const said = `${undoWorkflowId(sagaId, 'reverse')} did not end well, and is started again: ${message}`;
      return { kind: 'unknown', failure: { ...failure, code, message: said } };
    }
    const message = `${undoWorkflowId(sagaId, 'reverse')} runs since an earlier run of this saga; it is asked again when that has ended`;
    return { kind: 'unknown', failure: engineFailure('NESTED_STARTED_BEFORE', message) };
  }
}

function stackMissing(entry: Entry): Outcome {
  const sagaId = nestedId(entry);
  const message = `the compensation stack of ${sagaId} is too large to pass through this saga: reverse ${sagaId} with the client, then resolve ${entry.id}`;
  return { kind: 'unknown', failure: engineFailure('NESTED_STACK_MISSING', message) };
}

/** Whether something of a nested saga stays for good when it is reversed. */
export function effectsRemainWhenReversed({ step, outcome }: Entry): boolean {
  if (!step.nested || outcome?.kind !== 'succeeded') return false;
  const { effectsRemain, irreversible } = outcome.output as NestedResult;
  return effectsRemain && irreversible === undefined;
}

/** The result with its stack, once the parts have arrived. */
export function withStack({ stack, ...result }: NestedResult, parts: ReceivedParts): NestedResult {
  if (stack === undefined) return result;
  const entries = parts.take(stack);
  return entries ? { ...result, entries } : { ...result, missing: true };
}
