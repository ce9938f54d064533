import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { type Entry, isUnderWay } from './core/entry';
import { plainCode } from './core/plain-text';
import type { Phase, SagaState } from './core/state';
import { inert, inlineCode } from './markdown';
import {
  reportHead,
  reportSaga,
  reportStep,
  type SagaHead,
  type SagaReport,
  statusOf,
  type StepReport,
} from './report';
import { sdkWorkflow } from './sdk-workflow';
import { stuckDetails } from './stuck-details';
import {
  SagaReason,
  SagaStatus as StatusAttribute,
  type SagaStatusValue,
  SagaStuckStep,
} from './search-attributes';

/** Shows a saga to the Web UI and to visibility. */
export class Publication {
  /** What visibility shows. The client's start has set FORWARD, so nothing is written while all goes well (S15). */
  private published: Published = { status: 'FORWARD', reason: null, stuckStep: null };

  private details: Details | undefined;

  constructor(private readonly state: SagaState) {
    sdkWorkflow().setDetails(() => {
      this.details ??= new Details();
      return this.details.render(reportHead(workflowInfo().workflowId, state), state.ledger.entries);
    });
  }

  get report(): SagaReport {
    return reportSaga(workflowInfo().workflowId, this.state);
  }

  /** To be called after every change: attributes are written only when they differ, details are rendered when somebody asks. */
  update(): void {
    const next = this.next;
    const changes: SearchAttributeUpdatePair[] = [];
    if (next.status !== this.published.status) changes.push({ key: StatusAttribute, value: next.status });
    if (next.reason !== this.published.reason) changes.push({ key: SagaReason, value: next.reason });
    if (next.stuckStep !== this.published.stuckStep)
      changes.push({ key: SagaStuckStep, value: next.stuckStep });
    if (changes.length > 0) upsertSearchAttributes(changes);
    this.published = next;
  }

  private get next(): Published {
    const { phase, reason, ledger } = this.state;
    const stuck = ledger.firstStuck;
    const partly =
      statusOf(this.state) === 'partly-compensated' || (phase === 'completed' && ledger.anySkipped);
    return {
      status: stuck ? 'STUCK' : partly ? 'PARTLY_COMPENSATED' : STATUS[phase],
      reason: reason?.code ?? null,
      stuckStep: stuck ? plainCode(stuck.id) : null,
    };
  }
}

interface Published {
  readonly status: SagaStatusValue;
  readonly reason: string | null;
  readonly stuckStep: string | null;
}

const STATUS: Record<Phase, SagaStatusValue> = {
  forward: 'FORWARD',
  pivot: 'FORWARD',
  committed: 'FORWARD',
  completed: 'FORWARD',
  unwinding: 'UNWINDING',
  compensated: 'COMPENSATED',
  cancelled: 'COMPENSATED',
};

/**
 * A saga as Markdown for the Web UI's current details: CommonMark and GFM tables are all it renders, and it sets cells
 * without padding, hence the no-break spaces.
 *
 * A saga of thousands of steps changes thousands of times, and again whenever it is replayed. So what has not changed is
 * not rendered again, and of more than a hundred steps only those that are under way are shown, and the latest.
 */
export class Details {
  private readonly rows = new WeakMap<Entry, Row>();

  render(report: SagaHead, entries: readonly Entry[]): string {
    const head = [`**${report.status}**`];
    if (report.reason)
      head.push(`because of ${inlineCode(report.reason.code)}: ${inert(report.reason.message)}`);
    if (report.cancel) head.push(`(cancel ${report.cancel.effect})`);
    const shown = underWayOrLatest(entries);
    const left = entries.length - shown.length;
    if (left > 0) head.push(`— ${entries.length} steps; ${left} that have ended are left out`);
    const rows = shown.map((entry) => this.rowOf(entry));
    const stuck = report.status === 'stuck' ? stuckDetails(report.sagaId, entries) : [];
    return [head.join(' '), ...stuck, '', row('step', 'state', 'note'), '|---|---|---|', ...rows].join('\n');
  }

  private rowOf(entry: Entry): string {
    const { input, outcome, undoing, stuck } = entry;
    const of = [input, outcome, undoing, undoing?.endedAt, undoing?.skipped, stuck?.failure];
    const known = this.rows.get(entry);
    if (known?.of.every((each, index) => each === of[index])) return known.text;
    const step = reportStep(entry);
    const text = row(step.name, step.state, note(step));
    this.rows.set(entry, { of, text });
    return text;
  }
}

/** A row, and what it was rendered of. */
interface Row {
  readonly of: readonly unknown[];
  readonly text: string;
}

const MAX_ROWS = 100;

function underWayOrLatest(entries: readonly Entry[]): readonly Entry[] {
  if (entries.length <= MAX_ROWS) return entries;
  const earlier = entries.slice(0, -MAX_ROWS).filter(isUnderWay).slice(0, MAX_ROWS);
  return [...earlier, ...entries.slice(-MAX_ROWS)];
}

function note({ summary, failure, stuck }: StepReport): string {
  const trouble = stuck
    ? `${stuck.code}: ${stuck.message} (round ${stuck.rounds})`
    : failure && `${failure.code}: ${failure.message}`;
  return [summary, trouble].filter(Boolean).join(' — ');
}

function row(...cells: string[]): string {
  return `|${cells.map((cell) => `${PAD}${inert(cell)}${PAD}`).join('|')}|`;
}

const PAD = '\u00a0\u00a0';
