import type { SagaReport } from '../../saga';
import { durationText } from '../../view/duration';
import { type Span, type SagaSpans, spansOf } from '../../view/spans';

/** The bars of a timeline. */
const MARKS = { action: '█', compensation: '▒', running: '░' } as const;
const DEFAULT_COLUMNS = 100;
const MAX_NAME = 32;
const MIN_BAR = 10;

/**
 * The steps of a saga as bars over its time, each with its duration and state.
 * @param now in epoch milliseconds. @param columns how wide it may be.
 */
export function timelineText(report: SagaReport, now: number, columns = DEFAULT_COLUMNS): string {
  const spans = spansOf(report, now);
  if (spans.steps.length === 0) return `${report.sagaId} is ${report.status}, and has begun no step`;
  const names = spans.steps.map(({ step }) => shortened(step.name));
  const width = Math.max(...names.map((name) => name.length));
  const ends = spans.steps.map(({ step, spans: own }) => `${own.map(lengthText).join(' + ')} ${step.state}`);
  const bar = Math.max(MIN_BAR, columns - width - Math.max(...ends.map((end) => end.length)) - 4);
  const lines = spans.steps.map(({ spans: own }, index) =>
    [names[index]?.padEnd(width), drawn(own, spans, bar), ends[index]].join('  '),
  );
  const legend = `${MARKS.action} action  ${MARKS.compensation} compensation  ${MARKS.running} has not ended`;
  const total = `${new Date(spans.from).toISOString()} + ${durationText(spans.to - spans.from)}`;
  return [`${report.sagaId} is ${report.status}  ${total}`, ...lines, legend].join('\n');
}

function shortened(name: string): string {
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME - 1)}…` : name;
}

function lengthText({ from, to, ended }: Span): string {
  return `${durationText(to - from)}${ended ? '' : '…'}`;
}

function drawn(own: readonly Span[], { from, to }: SagaSpans, width: number): string {
  const cells = Array.from({ length: width }, () => ' ');
  const cellAt = (time: number) =>
    Math.min(width - 1, Math.floor(((time - from) / Math.max(to - from, 1)) * width));
  for (const span of own) {
    const mark = span.ended ? MARKS[span.kind] : MARKS.running;
    cells.fill(mark, cellAt(span.from), Math.max(cellAt(span.to), cellAt(span.from) + 1));
  }
  return cells.join('');
}
