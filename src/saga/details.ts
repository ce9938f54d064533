import { inert } from './markdown';
import type { SagaReport, StepReport } from './report';

/**
 * The report as Markdown for the Web UI's current details: CommonMark and GFM tables are all it renders, and it
 * sets cells without padding, hence the no-break spaces.
 */
export function renderDetails(report: SagaReport): string {
  const head = [`**${report.status}**`];
  if (report.reason) head.push(`because of ${code(report.reason.code)}: ${inert(report.reason.message)}`);
  if (report.cancel) head.push(`(cancel ${report.cancel.effect})`);
  const rows = report.steps.map((step) => row(step.name, step.state, note(step)));
  return [head.join(' '), '', row('step', 'state', 'note'), '|---|---|---|', ...rows].join('\n');
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
