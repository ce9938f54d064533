import { type Entry, isUnderWay } from './core/entry';
import { inert } from './markdown';
import { reportStep, type SagaHead, type StepReport } from './report';

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
    if (report.reason) head.push(`because of ${code(report.reason.code)}: ${inert(report.reason.message)}`);
    if (report.cancel) head.push(`(cancel ${report.cancel.effect})`);
    const shown = underWayOrLatest(entries);
    const left = entries.length - shown.length;
    if (left > 0) head.push(`— ${entries.length} steps; ${left} that have ended are left out`);
    const rows = shown.map((entry) => this.rowOf(entry));
    return [head.join(' '), '', row('step', 'state', 'note'), '|---|---|---|', ...rows].join('\n');
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

function code(text: string): string {
  return `\`${text.replaceAll('`', "'")}\``;
}
