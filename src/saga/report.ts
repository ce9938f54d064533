import { defineQuery } from '@temporalio/workflow';
import type { DeskAct } from './core/decisions';
import { instant } from './core/instant';
import type { Interrupted } from './core/interruptions';
import type { Failure } from './core/failures';
import { type Entry, isUnderWay } from './core/entry';
import type { Wait } from './core/pending';
import type { SagaState } from './core/state';
import { jsonBytes, MAX_PAYLOAD_BYTES } from './core/payload-size';
import type { StepKind } from './core/step';

/**
 * - `forward`: the body runs; `committed`: it runs and the pivot is passed;
 * - `unwinding`: compensations run; `stuck`: an operation waits for an operator;
 * - `completed`, `compensated`, `cancelled` (compensated because of a cancel): how it ended;
 * - `partly-compensated`: over, but an operator skipped a compensation, or an irreversible step remains done.
 */
export type SagaStatus =
  | 'forward'
  | 'committed'
  | 'unwinding'
  | 'stuck'
  | 'completed'
  | 'compensated'
  | 'cancelled'
  | 'partly-compensated';

/** What became of a step: its action's outcome, then its compensation's. */
export type StepState =
  'running' | 'succeeded' | 'refused' | 'unknown' | 'compensating' | 'compensated' | 'skipped' | 'stuck';

/** Times are ISO 8601 instants of the workflow's clock. */
export interface StepReport {
  readonly name: string;
  readonly kind: StepKind;
  readonly participant: string;
  readonly summary?: string;
  readonly state: StepState;
  readonly startedAt: string;
  readonly settledAt?: string;
  /** A run before a reset did it, and the run that reports has not: it is undone unless the body does it again (S17). */
  readonly leftover?: boolean;
  /** Of an irreversible step: why it may stand. */
  readonly irreversible?: string;
  /** The activity that runs for it now; a nested saga's is its workflow type. */
  readonly activity?: string;
  /** Why the action did not succeed. */
  readonly failure?: Failure;
  /** Apart from the action's outcome; absent as long as nothing is undone. */
  readonly compensation?: {
    readonly state: 'running' | 'done' | 'skipped' | 'stuck';
    readonly startedAt: string;
    readonly endedAt?: string;
  };
  /** Present while the step's action or compensation is stuck: the last failure and the rounds used up. */
  readonly stuck?: Failure & {
    readonly since: string;
    readonly rounds: number;
    /** When it is tried again by itself; absent when it waits for a decision only, or for a worker. */
    readonly retryAt?: string;
    /** The nested saga that is stuck itself: decide at its desk. */
    readonly nested?: string;
  };
}

/** Why a saga unwound, and what it declined. */
export interface SagaHead {
  readonly sagaId: string;
  readonly status: SagaStatus;
  /** What made the saga unwind. */
  readonly reason?: Failure & { readonly step?: string };
  /** A cancel request that reached the saga. */
  readonly cancel?: InterruptionReport;
  /** The saga's deadline, once it has passed. */
  readonly deadline?: InterruptionReport;
  /** What the body waits for, as it says itself (`saga.waitFor`). */
  readonly waits?: readonly WaitReport[];
  /** What operators did, in order (S6). */
  readonly desk?: readonly DeskAct[];
}

/** A wait of the body: what for, since when, and until when at most. */
export interface WaitReport {
  readonly for: string;
  readonly since: string;
  readonly until?: string;
}

/** What happened to every step of a saga, why it unwound, and what it declined (S11). */
export interface SagaReport extends SagaHead {
  readonly steps: readonly StepReport[];
  /** How many steps of earlier runs are left out, since nothing of them is left to undo (S20). */
  readonly earlier?: number;
  /** How many steps, the last ones, are left out because the server would not take the report with them. */
  readonly omitted?: number;
}

/**
 * @property effect `unwound` the saga; `pending` until the pivot is known; `declined`: it came after the pivot, or
 *   when the saga was unwinding already.
 */
export interface InterruptionReport {
  readonly requestedAt: string;
  readonly effect: 'unwound' | 'declined' | 'pending';
}

/** Answers while the saga runs and after it closed, as long as its history is kept. */
export const reportQuery = defineQuery<SagaReport>('sagaReport');

/** The report of a saga now. */
export function reportSaga(sagaId: string, state: SagaState): SagaReport {
  const { entries, earlier } = state.ledger;
  return { ...reportHead(sagaId, state), steps: entries.map(reportStep), ...(earlier > 0 && { earlier }) };
}

/** The report without its steps: what it takes does not grow with their number. */
export function reportHead(sagaId: string, state: SagaState): SagaHead {
  const { deskActs, interruptions, reason, waits } = state;
  return {
    sagaId,
    status: statusOf(state),
    ...(reason && { reason }),
    ...reportInterruption('cancel', interruptions.get('cancel')),
    ...reportInterruption('deadline', interruptions.get('deadline')),
    ...(!state.ending && !state.over && waits.length > 0 && { waits: waits.map(reportWait) }),
    ...(deskActs.length > 0 && { desk: [...deskActs] }),
  };
}

function reportWait({ what, since, until }: Wait): WaitReport {
  return { for: what, since: instant(since), ...(until !== undefined && { until: instant(until) }) };
}

/** The activity of the operation that is under way, between two rounds the one that is tried again. */
function activityOf(entry: Entry): string | undefined {
  if (!isUnderWay(entry)) return undefined;
  return entry.undoing ? entry.step.compensation : entry.step.action;
}

export function statusOf({ ledger, phase, ending, over }: SagaState): SagaStatus {
  if (ledger.firstStuck) return 'stuck';
  if (ending && over && ledger.anyEffectRemains) return 'partly-compensated';
  return phase === 'pivot' ? 'forward' : phase;
}

function reportInterruption(name: 'cancel' | 'deadline', interrupted: Interrupted | undefined) {
  if (!interrupted) return {};
  return { [name]: { requestedAt: instant(interrupted.requestedAt), effect: interrupted.effect } };
}

export function reportStep(entry: Entry): StepReport {
  const { step, summary, outcome, undoing, stuck } = entry;
  const activity = activityOf(entry);
  return {
    name: entry.id,
    kind: step.kind,
    participant: step.participant.name,
    ...(summary && { summary }),
    state: stateOf(entry),
    ...(entry.leftover && { leftover: true }),
    ...(step.irreversible !== undefined && { irreversible: step.irreversible }),
    startedAt: instant(entry.startedAt),
    ...(activity !== undefined && { activity }),
    ...(entry.settledAt !== undefined && { settledAt: instant(entry.settledAt) }),
    ...(outcome && outcome.kind !== 'succeeded' && { failure: outcome.failure }),
    ...(undoing && {
      compensation: {
        state: undoing.skipped
          ? 'skipped'
          : undoing.endedAt !== undefined
            ? 'done'
            : stuck
              ? 'stuck'
              : 'running',
        startedAt: instant(undoing.startedAt),
        ...(undoing.endedAt !== undefined && { endedAt: instant(undoing.endedAt) }),
      },
    }),
    ...(stuck && {
      stuck: {
        ...stuck.failure,
        since: instant(stuck.since),
        rounds: stuck.rounds,
        ...(stuck.retryAt !== undefined && { retryAt: instant(stuck.retryAt) }),
        ...(stuck.nested !== undefined && { nested: stuck.nested }),
      },
    }),
  };
}

/** The report as the server takes it: of a saga of very many steps the first ones, and the latest acts at its desk. */
export function fitting(report: SagaReport): SagaReport {
  const bytes = jsonBytes(report.steps);
  const kept =
    bytes <= MAX_PAYLOAD_BYTES
      ? report.steps.length
      : Math.floor((report.steps.length * MAX_PAYLOAD_BYTES) / bytes / 2);
  const omitted = report.steps.length - kept;
  return {
    ...report,
    ...(omitted > 0 && { steps: report.steps.slice(0, kept), omitted }),
    ...(report.desk && { desk: report.desk.slice(-MAX_DESK_ACTS) }),
  };
}

/** At most some two kilobytes each. */
const MAX_DESK_ACTS = 200;

export function isReport(value: unknown): value is SagaReport {
  return typeof value === 'object' && value !== null && 'sagaId' in value && 'steps' in value;
}

function stateOf({ outcome, undoing, stuck }: Entry): StepState {
  if (stuck) return 'stuck';
  if (undoing?.skipped) return 'skipped';
  if (undoing) return undoing.endedAt === undefined ? 'compensating' : 'compensated';
  return outcome?.kind ?? 'running';
}
