import type { LiveReport, LiveStep } from '../../client';
import type { DeskAct, SagaReport } from '../../saga';
import { durationText } from '../../view/duration';
import { table } from './table';

/** A report: the saga's state and reason, and a table of its steps. */
export function reportText(report: SagaReport | LiveReport, columns?: number): string {
  return [`${report.sagaId} is ${report.status}`, ...reportLines(report), stepsTable(report, columns)].join(
    '\n',
  );
}

/** What a report says of the saga as a whole. */
export function reportLines({
  reason,
  cancel,
  deadline,
  waits,
  desk,
  earlier,
  omitted,
}: SagaReport | LiveReport): string[] {
  const lines: string[] = [];
  if (reason)
    lines.push(`  reason: ${reason.code}: ${reason.message}${reason.step ? ` (${reason.step})` : ''}`);
  if (cancel) lines.push(`  cancel requested at ${cancel.requestedAt}: ${cancel.effect}`);
  if (deadline) lines.push(`  deadline passed at ${deadline.requestedAt}: ${deadline.effect}`);
  for (const wait of waits ?? [])
    lines.push(`  waiting for ${wait.for} since ${wait.since}${wait.until ? `, until ${wait.until}` : ''}`);
  for (const act of desk ?? []) lines.push(`  ${actText(act)}`);
  if (earlier)
    lines.push(`  ${earlier} steps of earlier runs are not listed: nothing of them is left to undo`);
  if (omitted) lines.push(`  ${omitted} further steps are not listed`);
  return lines;
}

function actText({ at, verb, step, actor, reason, ticket, corrected, declined }: DeskAct): string {
  const details = [ticket, corrected && 'corrected', declined && 'had no effect'].filter(Boolean);
  const after = details.length > 0 ? ` (${details.join(', ')})` : '';
  return `${at} ${verb}${step ? ` ${step}` : ''} by ${actor}: ${reason}${after}`;
}

/** The steps of a report. */
export function stepsTable({ steps }: SagaReport | LiveReport, columns?: number): string {
  const head = ['Step', 'State', 'Participant', 'Started', 'Took', 'Summary', 'Failure'];
  const rows = steps.map((step) => {
    const { name, state, participant, startedAt, summary, failure, stuck } = step;
    const trouble = stuck ?? failure;
    return [
      name,
      state,
      participant,
      startedAt,
      tookText(step),
      summary ?? '',
      [trouble ? `${trouble.code}: ${trouble.message}` : '', ...progressOf(step)].filter(Boolean).join('; '),
    ];
  });
  return table(head, rows, columns);
}

/** How long the action took, and its compensation. */
function tookText({ startedAt, settledAt, compensation }: LiveStep): string {
  const action = settledAt === undefined ? '' : between(startedAt, settledAt);
  if (compensation?.endedAt === undefined) return action;
  return `${action || '?'}, undone in ${between(compensation.startedAt, compensation.endedAt)}`;
}

function between(from: string, to: string): string {
  return durationText(Date.parse(to) - Date.parse(from));
}

/** The attempt of a running step, and when a stuck step is retried. */
function progressOf({ stuck, attempt }: LiveStep): string[] {
  const said: string[] = [];
  if (stuck) said.push(`stuck since ${stuck.since}, ${stuck.rounds} rounds used up`);
  if (attempt) {
    const of = attempt.of === undefined ? '' : ` of ${attempt.of}`;
    said.push(`attempt ${attempt.number}${of} ${attempt.state}${attempt.at ? ` (${attempt.at})` : ''}`);
    if (attempt.lastFailure) said.push(`last failure: ${attempt.lastFailure}`);
  } else if (stuck?.retryAt) said.push(`next attempt at ${stuck.retryAt}`);
  return said;
}
