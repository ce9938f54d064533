import Table from 'cli-table3';
import type { ListedSaga, LiveReport, LiveStep, SagaOutcome } from '../../src/client';
import type { SagaReport, UndoPreview } from '../../src/saga';

/** A table without colours and row separators. */
export function plainTable(head: string[]): InstanceType<typeof Table> {
  return new Table({
    head,
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
}

/** Why a saga did not complete; for a stuck saga, the step. */
export function reasonOf(outcome: SagaOutcome<unknown>): string | undefined {
  if (outcome.kind === 'stuck') return `at ${outcome.step}`;
  if (outcome.kind === 'cancelled') return 'CANCELLED';
  return 'reason' in outcome ? outcome.reason.code : undefined;
}

export function outcomeText(sagaId: string, outcome: SagaOutcome<unknown>): string {
  const lines = [`${sagaId} is ${outcome.kind}`];
  if (outcome.kind === 'stuck') lines.push(`  stuck step: ${outcome.step}`);
  if ('reason' in outcome) lines.push(`  reason: ${outcome.reason.code}: ${outcome.reason.message}`);
  if (outcome.kind === 'completed') {
    lines.push(`  ${JSON.stringify(outcome.result)}`);
    if (outcome.effectsRemain) lines.push('  an effect remains that had to be undone: see the report');
  }
  return lines.join('\n');
}

export function reportText(report: SagaReport | LiveReport): string {
  const table = plainTable(['Step', 'State', 'Participant', 'Started', 'Summary', 'Failure']);
  for (const step of report.steps) {
    const { name, state, participant, startedAt, summary, failure, stuck } = step;
    const trouble = stuck ?? failure;
    table.push([
      name,
      state,
      participant,
      startedAt,
      summary ?? '',
      [trouble ? `${trouble.code}: ${trouble.message}` : '', ...progressOf(step)].filter(Boolean).join('; '),
    ]);
  }
  const head = [`${report.sagaId} is ${report.status}`];
  if (report.reason) head.push(`  reason: ${report.reason.code}: ${report.reason.message}`);
  if (report.cancel) head.push(`  cancel requested at ${report.cancel.requestedAt}: ${report.cancel.effect}`);
  for (const wait of report.waits ?? [])
    head.push(`  waiting for ${wait.for} since ${wait.since}${wait.until ? `, until ${wait.until}` : ''}`);
  if (report.earlier)
    head.push(`  ${report.earlier} steps of earlier runs are not listed: nothing of them is left to undo`);
  return [...head, table.toString()].join('\n');
}

/** The attempt of a running step, and when a stuck step is retried. */
function progressOf({ stuck, attempt }: LiveStep): string[] {
  const said: string[] = [];
  if (attempt) {
    const of = attempt.of === undefined ? '' : ` of ${attempt.of}`;
    said.push(`attempt ${attempt.number}${of} ${attempt.state}${attempt.at ? ` (${attempt.at})` : ''}`);
    if (attempt.lastFailure) said.push(`last failure: ${attempt.lastFailure}`);
  } else if (stuck?.retryAt) said.push(`next attempt at ${stuck.retryAt}`);
  return said;
}

export function previewText({ canUnwind, waves, omitted }: UndoPreview): string {
  if (!canUnwind) return 'nothing would be undone: the saga is past its pivot, or has ended';
  const table = plainTable(['Wave', 'Step', 'Compensation', 'Participant', 'Input']);
  for (const [index, wave] of waves.entries()) {
    for (const { step, compensation, participant, input } of wave) {
      table.push([index + 1, step, compensation, participant, JSON.stringify(input)]);
    }
  }
  return omitted === undefined ? table.toString() : `${table.toString()}\nand ${omitted} more`;
}

export function listText(sagas: readonly ListedSaga[]): string {
  const table = plainTable(['Saga', 'State', 'Reason', 'Stuck step or problem', 'Started']);
  for (const { sagaId, state, reason, stuckStep, problem, startedAt } of sagas) {
    table.push([sagaId, state, reason ?? '', problem ?? stuckStep ?? '', startedAt.toISOString()]);
  }
  return `${table.toString()}\n${sagas.length} sagas`;
}
