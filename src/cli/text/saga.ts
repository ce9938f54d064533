import type { DescribedSaga } from '../../client';
import type { StepReport } from '../../saga';
import { decisionAbout, verbsFor } from '../../view/decisions';
import { durationText } from '../../view/duration';
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
  if (state === 'failed') return [`${command} audit`];
  const about = (report?.steps ?? []).flatMap((step) => stuckCommands(step, saga.sagaId, command));
  const whole = verbsFor(saga).map((verb) =>
    verb === 'abandon' ? `${command} desk abandon ${id} ${SIGNED}` : `${command} ${verb} ${id}`,
  );
  return [...about, ...(state === 'forward' ? [`${command} preview ${id}`] : []), ...whole];
}

function stuckCommands(step: StepReport, sagaId: string, command: string): string[] {
  const decision = decisionAbout(step);
  if (!decision) return [];
  if (decision.nested !== undefined) return [`${command} show ${quoted(decision.nested)}`];
  const at = `${quoted(sagaId)} ${quoted(step.name)}`;
  return decision.verbs.flatMap((verb) => {
    const decide = `${command} desk ${verb} ${at} ${SIGNED}`;
    if (verb === 'retry' && decision.op === 'do') return [decide, `${decide} --input JSON`];
    return [verb === 'resolve' && decision.needsOutput ? `${decide} --output JSON` : decide];
  });
}

/** As a POSIX shell takes it for one argument. */
function quoted(text: string): string {
  return /^[\w./:@%+=,-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
