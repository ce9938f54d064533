import {
  CancellationScope,
  getExternalWorkflowHandle,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { jsonBytes } from './core/payload-size';
import type { SagaState } from './core/state';
import type { StuckPolicy } from './stuck-policy';
import { isDeclared } from './memo';
import { setPriority } from './priority';
import { nestedReport, type NestedReport, type NestedResult } from './nested';
import { statusOf } from './report';
import { rescueEntry, type RescueEntry } from './rescue-entry';
import { bytesOf, hasRoomFor, MAX_STACK_BYTES, sendParts, splitStack, stackPart } from './stack-parts';

/**
 * What a nested saga returns: its parent keeps it, so that it outlives the child's own history. A stack that is too
 * large for that is sent to the parent first.
 */
export async function nestedResult(
  result: unknown,
  { ledger }: SagaState,
  policy: StuckPolicy | undefined,
): Promise<NestedResult> {
  const kept = ledger.entries.filter(({ outcome, undoing }) => outcome?.kind === 'succeeded' && !undoing);
  const pivot = kept.find(({ step }) => step.kind === 'pivot');
  const isIrreversible = pivot !== undefined && pivot.step.compensation === undefined;
  const priority = setPriority(workflowInfo().priority);
  const answer: NestedResult = {
    result,
    entries: kept.filter(({ step }) => step.compensation !== undefined).map(rescueEntry),
    ...(isIrreversible && { irreversible: pivot.id }),
    effectsRemain:
      ledger.effectsRemainEarlier ||
      kept.some(
        ({ step, effectsRemain }) =>
          effectsRemain || step.kind === 'irreversible' || step.kind === 'retriable',
      ),
    ...(isDeclared(policy) && { policy }),
    ...(priority && { priority }),
  };
  if (jsonBytes(answer) <= MAX_STACK_BYTES) return answer;
  return { ...answer, entries: [], ...(isIrreversible ? {} : await handOver(answer.entries)) };
}

/** What a parent takes of one nested saga, in bytes: it receives the parts, and sends them again to reverse it. */
const MAX_HANDED_OVER_BYTES = 10_000_000;

async function handOver(entries: readonly RescueEntry[]): Promise<Pick<NestedResult, 'stack' | 'missing'>> {
  const { parent, runId } = workflowInfo();
  const parts = splitStack(runId, entries);
  if (!parent || bytesOf(parts) > MAX_HANDED_OVER_BYTES || !hasRoomFor(parts)) return { missing: true };
  try {
    await sendParts(parts, (part) => getExternalWorkflowHandle(parent.workflowId).signal(stackPart, part));
    return { stack: runId };
  } catch (error) {
    // The parent may be gone: then this history is where a rescue of it looks.
    if (!(error instanceof TemporalFailure)) throw error;
    return { missing: true };
  }
}

/** Reports to a saga's parent whenever it is stuck, or no longer. Nothing is sent while all goes well (S15). */
export class ParentReports {
  private last = '{}';
  private number = 0;
  private readonly pending = new Set<Promise<void>>();

  /** @param parentId the workflow that runs the nested saga, or undoes it. */
  constructor(private readonly parentId: string) {}

  update(state: SagaState): void {
    const entry = state.ledger.firstStuck;
    const report: Omit<NestedReport, 'sagaId'> = {
      ...(entry?.stuck && {
        stuck: { code: entry.stuck.failure.code, message: `${entry.id}: ${entry.stuck.failure.message}` },
      }),
      ...(statusOf(state) === 'partly-compensated' && { effectsRemain: true }),
    };
    const text = JSON.stringify(report);
    if (text === this.last) return;
    this.last = text;
    const { workflowId: sagaId, runId: run } = workflowInfo();
    const from = { run, number: ++this.number };
    const delivery: Promise<void> = CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(this.parentId).signal(nestedReport, { sagaId, from, ...report }),
    )
      // The parent may be gone: then there is nobody to tell.
      .catch(() => undefined)
      .finally(() => this.pending.delete(delivery));
    this.pending.add(delivery);
  }

  /** Waits until the parent has all reports: it learns the last of them before it learns that this saga is over. */
  async delivered(): Promise<void> {
    await Promise.all(this.pending);
  }
}
