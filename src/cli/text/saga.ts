import type { DescribedSaga } from '../../client';
import type { StepReport } from '../../saga';
import { durationText } from './duration';
import { reportLines, stepsTable } from './report';
import { table } from './table';

/**
 * A saga for a person who has to decide: its state, its steps, what it waits for, and the commands that help.
 * @param command how the command line is called, such as `unwind`.
 */
export function sagaText(saga: DescribedSaga, command: string, columns?: number): string {
  const { report } = saga;
  return [
    headline(saga),
    ...(saga.problem === undefined ? [] : [`  its workflow task fails: ${saga.problem}`]),
    ...(report ? [...reportLines(report), stepsTable(report, columns)] : unreported(saga, columns)),
    ...nextSteps(saga, command),
  ].join('\n');
}

function headline({ sagaId, state, workflow, startedAt, closedAt }: DescribedSaga): string {
  const time = closedAt
    ? `ended ${closedAt.toISOString()} after ${durationText(closedAt.getTime() - startedAt.getTime())}`
    : `started ${startedAt.toISOString()}`;
  return `${sagaId} is ${state} (${workflow}, ${time})`;
}

/** What the server knows while no worker answers. */
function unreported({ unreported, reason, stuckStep, pending }: DescribedSaga, columns?: number): string[] {
  const rows = pending.map(({ type, sagaId, attempt, lastFailure }) => [
    sagaId ? `${type} ${sagaId}` : type,
    attempt ?? '',
    lastFailure ?? '',
  ]);
  return [
    `  no report: ${unreported}`,
    ...(reason === undefined ? [] : [`  reason: ${reason}`]),
    ...(stuckStep === undefined ? [] : [`  stuck step: ${stuckStep}`]),
    ...(rows.length > 0 ? [table(['In progress', 'Attempt', 'Last failure'], rows, columns)] : []),
  ];
}

function nextSteps(saga: DescribedSaga, command: string): string[] {
  const commands = commandsFor(saga, command);
  return commands.length > 0 ? ['', 'What you can do:', ...commands.map((each) => `  ${each}`)] : [];
}

const SIGNED = '--actor NAME --reason TEXT';

function commandsFor(saga: DescribedSaga, command: string): string[] {
  const id = quoted(saga.sagaId);
  const { report, state } = saga;
  if (state === 'task-failing')
    return ['deploy workflow code that fits the history: until then nothing is done or undone'];
  if (!report && saga.unreported !== undefined && saga.closedAt === undefined)
    return ['start a worker of its task queue', `${command} show ${id}`];
  if (state === 'stuck')
    return (report?.steps ?? []).flatMap((step) => stuckCommands(step, saga.sagaId, command));
  if (state === 'terminated' || state === 'timed-out')
    return [`${command} rescue ${id}`, `${command} reverse ${id}`];
  if (state === 'failed') return [`${command} audit`];
  if (state === 'completed') return [`${command} reverse ${id}`];
  if (state === 'forward') return [`${command} preview ${id}`, `${command} cancel ${id}`];
  return [];
}

function stuckCommands(step: StepReport, sagaId: string, command: string): string[] {
  const { name, kind, stuck, compensation } = step;
  if (!stuck) return [];
  if (stuck.nested !== undefined) return [`${command} show ${quoted(stuck.nested)}`];
  const at = `${quoted(sagaId)} ${quoted(name)}`;
  const retry = `${command} desk retry ${at} ${SIGNED}`;
  if (compensation)
    return [retry, `${command} desk resolve ${at} ${SIGNED}`, `${command} desk skip ${at} ${SIGNED}`];
  const abandon = `${command} desk abandon ${quoted(sagaId)} ${SIGNED}`;
  return [
    retry,
    `${retry} --input JSON`,
    `${command} desk resolve ${at} ${SIGNED} --output JSON`,
    ...(kind === 'compensatable' ? [abandon] : []),
  ];
}

/** As a POSIX shell takes it for one argument. */
function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
