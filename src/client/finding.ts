import type { StepKind } from '../saga/call';
import type { SagaReport } from '../saga/report';
import { entriesToUndo } from './entries-to-undo';
import { SagaClientError } from './errors';
import type { RebuiltLedger } from './rebuild-ledger';
import type { ParticipantRecord } from './records';

/** What the audit may find; each code is stable. */
export type FindingCode =
  /** The saga was terminated and not rescued. */
  | 'TERMINATED'
  /** A server-side timeout ended the saga, and it was not rescued. */
  | 'TIMED_OUT'
  /** The workflow failed without unwinding. */
  | 'FAILED_HALF_WAY'
  /** Effects remain of a workflow that the server does not know, though its retention cannot have removed it. */
  | 'GONE'
  /** The same, and retention may have removed it, so how it ended cannot be told. */
  | 'GONE_PAST_RETENTION'
  /** An effect remains that the saga, or its rescue, had to undo and does not account for. */
  | 'EFFECTS_REMAIN'
  /** The workflow that reverses a completed saga was itself terminated or timed out. */
  | 'REVERSE_ENDED'
  /** The saga completed, and by the records steps of it are undone that neither it nor its reverse has undone. */
  | 'UNDONE_EFFECTS'
  /** The saga runs and waits for an operator. */
  | 'STUCK'
  /** The saga runs, and its workflow task fails again and again: it waits for a fixed deployment. */
  | 'TASK_FAILING'
  /** The audit could not read the state of this one saga. */
  | 'NOT_EXAMINED';

/** `rescue` or `reverse` the saga; decide at the `desk`; `by-hand`: no command can be trusted to put it right. */
export type Advice = 'rescue' | 'reverse' | 'desk' | 'by-hand';

/** An effect of a step that remains, or may. */
export interface RemainingEffect {
  /** By the records its name, by a history its task queue. */
  readonly participant: string;
  readonly step: string;
  readonly kind?: StepKind;
}

/** A saga whose effects are not all done or all undone, or may not be. */
export interface Finding {
  readonly sagaId: string;
  readonly code: FindingCode;
  /** The effects that remain, or, where only a history tells, may remain. */
  readonly effects: readonly RemainingEffect[];
  readonly advice: Advice;
  /** A sentence for an operator: what is wrong and what to do. */
  readonly message: string;
  /** Only with `rescue: true`: the rescue of it that runs now. */
  readonly rescueId?: string;
}

/** What to do about a saga that did this and was left; undefined if nothing of it is to be undone. */
export function advise(
  ledger: RebuiltLedger,
  sagaId: string,
): Pick<Finding, 'advice' | 'message'> | undefined {
  const refused = refusalOf(ledger, sagaId, 'rescue');
  if (!refused) return { advice: 'rescue', message: 'a rescue undoes what may remain' };
  if (refused.code === 'NOTHING_TO_UNDO' || refused.code === 'SAGA_RUNNING') return undefined;
  if (refused.code !== 'PIVOT_PASSED') return { advice: 'by-hand', message: refused.message };
  const irreversible = refusalOf(ledger, sagaId, 'reverse');
  if (irreversible) return { advice: 'by-hand', message: irreversible.message };
  return {
    advice: 'reverse',
    message: 'it may be past its pivot: finish it by hand, or take all of it back with a reverse',
  };
}

/** What to do about a saga that completed, and of which steps are undone. */
export function adviseReverse(ledger: RebuiltLedger, sagaId: string): Pick<Finding, 'advice' | 'message'> {
  const refused = refusalOf(ledger, sagaId, 'reverse');
  if (refused) return { advice: 'by-hand', message: `put it right by hand: ${refused.message}` };
  return { advice: 'reverse', message: 'take the rest back with a reverse, or do by hand what is undone' };
}

function refusalOf(
  ledger: RebuiltLedger,
  sagaId: string,
  why: 'rescue' | 'reverse',
): SagaClientError | undefined {
  try {
    entriesToUndo(ledger, sagaId, why);
    return undefined;
  } catch (error) {
    if (error instanceof SagaClientError) return error;
    throw error;
  }
}

/** The effects that may remain by a history and the records together. */
export function effectsOf(
  { entries }: RebuiltLedger,
  remaining: readonly ParticipantRecord[],
): RemainingEffect[] {
  return entries
    .filter(({ kind, undone, refused }) => !undone && !refused && kind !== 'read-only')
    .map(({ step, kind, taskQueue }) => ({
      participant: remaining.find((record) => record.step === step)?.participant ?? taskQueue,
      step,
      ...(kind && { kind }),
    }));
}

/** The effects that remain by the records alone. */
export function recordedEffects(remaining: readonly ParticipantRecord[]): RemainingEffect[] {
  return remaining.map(({ participant, step, kind }) => ({ participant, step, ...(kind && { kind }) }));
}

/** Whether a report accounts for a step whose effect remains: it is irreversible, or an operator skipped it or saw to it. */
export function accountsFor(report: SagaReport, step: string): boolean {
  const reported = report.steps.find(({ name }) => name === step);
  if (!reported) return false;
  return (
    reported.state === 'skipped' ||
    reported.irreversible !== undefined ||
    (report.desk ?? []).some((act) => act.verb === 'resolve' && act.step === step)
  );
}
