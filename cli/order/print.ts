import Table from 'cli-table3';
import type { ListedSaga, LiveReport, LiveStep, SagaOutcome } from '../../src/client';
import type { SagaReport, UndoPreview } from '../../src/saga';

/** A table without colours and without lines between its rows. */
export function plainTable(head: string[]): InstanceType<typeof Table> {
  return new Table({
    head,
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  });
}

/** Why a saga did not complete; for a stuck one, where it stands. */
export function reasonOf(outcome: SagaOutcome<unknown>): string | undefined {
  if (outcome.kind === 'stuck') return `at ${outcome.step}`;
  if (outcome.kind === 'cancelled') return 'CANCELLED';
  return 'reason' in outcome ? outcome.reason.code : undefined;
}

export function outcomeText(sagaId: string, outcome: SagaOutcome<unknown>): string {
  const lines = [`${sagaId} is ${outcome.kind}`];
  if (outcome.kind === 'stuck') lines.push(`  at: ${outcome.step}`);
  if ('reason' in outcome) lines.push(`  because of ${outcome.reason.code}: ${outcome.reason.message}`);
  if (outcome.kind === 'completed') {
    lines.push(`  ${JSON.stringify(outcome.result)}`);
    if (outcome.effectsRemain) lines.push('  an effect remains that it had to undo: see its report');
  }
  return lines.join('\n');
}

export function reportText(report: SagaReport | LiveReport): string {
  const table = plainTable(['Step', 'State', 'Participant', 'Started', 'What', 'Trouble']);
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
  if (report.reason) head.push(`  because of ${report.reason.code}: ${report.reason.message}`);
  if (report.cancel) head.push(`  cancel requested at ${report.cancel.requestedAt}: ${report.cancel.effect}`);
  for (const wait of report.waits ?? [])
    head.push(`  waits for ${wait.for} since ${wait.since}${wait.until ? `, until ${wait.until}` : ''}`);
  if (report.earlier)
    head.push(`  ${report.earlier} steps of earlier runs are left out: nothing of them is to be undone`);
  return [...head, table.toString()].join('\n');
}

/** At which attempt a step is, and when a stuck one is tried again. */
function progressOf({ stuck, attempt }: LiveStep): string[] {
  const said: string[] = [];
  if (attempt) {
    const of = attempt.of === undefined ? '' : ` of ${attempt.of}`;
    said.push(`attempt ${attempt.number}${of} ${attempt.state}${attempt.at ? ` (${attempt.at})` : ''}`);
    if (attempt.lastFailure) said.push(`before: ${attempt.lastFailure}`);
  } else if (stuck?.retryAt) said.push(`again at ${stuck.retryAt}`);
  return said;
}

export function previewText({ canUnwind, waves, omitted }: UndoPreview): string {
  if (!canUnwind) return 'nothing would be undone: the saga is past its pivot, or over';
  const table = plainTable(['Wave', 'Step', 'Compensation', 'Participant', 'Input']);
  for (const [index, wave] of waves.entries()) {
    for (const { step, compensation, participant, input } of wave) {
      table.push([index + 1, step, compensation, participant, JSON.stringify(input)]);
    }
  }
  return omitted === undefined ? table.toString() : `${table.toString()}\nand ${omitted} more`;
}

export function listText(sagas: readonly ListedSaga[]): string {
  const table = plainTable(['Saga', 'State', 'Reason', 'Where', 'Started']);
  for (const { sagaId, state, reason, stuckStep, problem, startedAt } of sagas) {
    table.push([sagaId, state, reason ?? '', problem ?? stuckStep ?? '', startedAt.toISOString()]);
  }
  return `${table.toString()}\n${sagas.length} sagas`;
}
