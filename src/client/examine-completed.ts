import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import type { SagaReport, StepReport } from '../saga/report';
import { readCallEvents } from './call-events';
import {
  accountsFor,
  adviseReverse,
  effectsOf,
  type Finding,
  recordedEffects,
  type RemainingEffect,
} from './finding';
import { readLedger } from './read-ledger';
import { isPartlyCompensated } from './outcome';
import { isUndoable, type ParticipantRecord, type SagaRecords } from './records';
import type { UndoneStep } from './undone';

/** A saga that completed, and what the records know of it. */
export interface Completed {
  readonly saga: WorkflowExecutionDescription;
  /** Absent where there are no records. */
  readonly remaining: readonly ParticipantRecord[] | undefined;
  readonly undone: readonly UndoneStep[];
  readonly records: readonly SagaRecords[];
  /** Asks the saga itself; a worker must be up. */
  readonly askReport: () => Promise<SagaReport | undefined>;
}

/**
 * What is wrong with a saga that completed and that no reverse has taken back: steps are undone that it did not
 * undo itself, or an effect remains that it had to undo (S9).
 */
export async function examineCompleted(client: Client, completed: Completed): Promise<Finding | undefined> {
  const { saga, undone } = completed;
  if (undone.length === 0 && !isPartlyCompensated(saga)) return undefined;
  const undos = await readUndos(client, saga);
  return (
    (await undoneByOthers(client, completed, undos)) ??
    (isPartlyCompensated(saga) ? await leftBySavePoint(client, completed, undos) : undefined)
  );
}

/**
 * The steps whose compensations this run has called. It holds for express sagas too: only their actions are missing from
 * the history. A run that never called a step's compensation relies on the step's effect.
 */
async function readUndos(client: Client, saga: WorkflowExecutionDescription): Promise<ReadonlySet<string>> {
  const events = await readCallEvents(client, saga.workflowId, saga.runId);
  const undos = events.flatMap((event) =>
    event.type === 'scheduled' && event.call.op === 'undo' ? [event.call.step] : [],
  );
  return new Set(undos);
}

/** S17: a workflow that was reset to before it unwound completes with effects that are gone. */
async function undoneByOthers(
  client: Client,
  { saga, remaining = [], undone, records, askReport }: Completed,
  undos: ReadonlySet<string>,
): Promise<Finding | undefined> {
  const { workflowId: sagaId, runId } = saga;
  let left = undone.filter(({ step }) => !undos.has(step));
  if (left.length > 0 && hasEarlierRuns(saga)) {
    const undoing = (await askReport())?.steps.filter(({ compensation }) => compensation !== undefined);
    left = left.filter(({ step }) => !undoing?.some(({ name }) => name === step));
  }
  if (left.length === 0) return undefined;
  const { advice, message } = adviseReverse(
    await readLedger(client, sagaId, runId, remaining, records),
    sagaId,
  );
  const steps = left.map(({ participant, step }) => `${participant}/${step}`).join(', ');
  return {
    sagaId,
    code: 'UNDONE_EFFECTS',
    effects: recordedEffects(remaining),
    advice,
    message: `the saga completed, and ${steps} is undone, but not by its latest run: the workflow was reset, or someone else undid it; ${message}`,
  };
}

/** One that continued as new has undone some of its steps in earlier runs, and its report carries that over. */
function hasEarlierRuns({ raw, runId }: WorkflowExecutionDescription): boolean {
  const first = raw.workflowExecutionInfo?.firstRunId;
  return Boolean(first) && first !== runId;
}

async function leftBySavePoint(
  client: Client,
  { saga, remaining, records, askReport }: Completed,
  undos: ReadonlySet<string>,
): Promise<Finding | undefined> {
  const { workflowId: sagaId, runId } = saga;
  const report = await askReport();
  const isLeft = (step: string) =>
    report ? isLeftBy(report, step) : undos.has(step) || hasEarlierRuns(saga);
  const effects: readonly RemainingEffect[] = remaining
    ? recordedEffects(remaining.filter(isUndoable))
    : effectsOf(await readLedger(client, sagaId, runId, [], records), []);
  const left = effects.filter(({ step }) => isLeft(step));
  if (left.length === 0) return undefined;
  return {
    sagaId,
    code: 'EFFECTS_REMAIN',
    effects: left,
    advice: 'by-hand',
    message: report
      ? 'the saga completed, and effects remain that it had to undo and does not account for: undo them by hand'
      : 'the saga completed without undoing all that it had to, and no worker answers for what remains: ask for its report, and undo by hand what that does not account for',
  };
}

function isLeftBy(report: SagaReport, step: string): boolean {
  const reported: StepReport | undefined = report.steps.find(({ name }) => name === step);
  return reported?.compensation !== undefined && !accountsFor(report, step);
}
