import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import type { StartedRescue } from '../../client';
import type { SagaReport } from '../../saga';
import { CommandError } from '../command-error';
import type { ConfiguredSaga } from '../config';
import { confirm } from '../confirm';
import { awaitInterrupt } from '../interrupt';
import { exitCodes } from '../output';
import type { Session } from '../session';
import { outcomeText } from '../text/outcome';
import { reportText } from '../text/report';

/** Adds the commands that start sagas, wait for them, and undo them. */
export function addRunCommands(program: Command, session: Session): void {
  program
    .command('start')
    .description(
      'start a saga that the configuration names; starting it again with the same input has no effect',
    )
    .argument('<workflow>', 'the name of its workflow')
    .argument('<file>', 'JSON file of its input, or - for standard input')
    .option('--wait', 'wait until it has ended', false)
    .option('--until <milestone>', 'wait until it reaches a milestone, or cannot reach it any more')
    .action(async (workflow: string, file: string, options: { wait: boolean; until?: string }) => {
      const saga = await configured(session, workflow);
      await startSaga(session, saga.definition, checked(saga, file), options);
    });

  program
    .command('wait')
    .description(`wait until a saga has ended; exits with ${exitCodes.notCompleted} unless it completed`)
    .argument('<saga-id>', 'the workflow id')
    .action((sagaId: string) => waitForSaga(session, sagaId));

  program
    .command('cancel')
    .description('request cancellation: a saga that has not passed its pivot is undone')
    .argument('<saga-id>', 'the workflow id')
    .action((sagaId: string) => cancelSaga(session, sagaId));

  program
    .command('rescue')
    .description('undo a saga that was terminated or timed out before its pivot')
    .argument('<saga-id>', 'the workflow id')
    .option('--wait', 'wait until it is undone', false)
    .action((sagaId: string, options: { wait: boolean }) => rescueSaga(session, sagaId, options));

  program
    .command('reverse')
    .description('undo a saga that completed, or one that was ended after its pivot')
    .argument('<saga-id>', 'the workflow id')
    .option('--wait', 'wait until it is undone', false)
    .option('--yes', 'do not ask', false)
    .action((sagaId: string, options: { wait: boolean; yes: boolean }) =>
      reverseSaga(session, sagaId, options),
    );
}

/** Starts a saga, and waits for a milestone or for its end if that is wanted. */
export async function startSaga(
  session: Session,
  definition: ConfiguredSaga['definition'],
  input: unknown,
  { wait, until }: { readonly wait: boolean; readonly until?: string },
): Promise<void> {
  if (until !== undefined) return await startUntil(session, definition, input, until);
  const started = await (await session.client()).start(definition, input);
  if (wait) return await waitForSaga(session, started.sagaId);
  session.print(started, `${started.sagaId} ${started.started ? 'started' : 'was already started'}`);
}

/** Waits until a saga has ended, and prints how. */
export async function waitForSaga(session: Session, sagaId: string): Promise<void> {
  const interrupt = awaitInterrupt();
  session.note(`waiting until ${sagaId} has ended`);
  const wait = async () => await (await session.client()).waitForClose(sagaId);
  const outcome = await interrupt.race(wait()).finally(() => interrupt.release());
  if (!outcome) {
    session.note(`${sagaId} goes on: this command only waited for it`);
    session.exitCode(exitCodes.interrupted);
    return;
  }
  session.print({ sagaId, ...outcome }, outcomeText(sagaId, outcome));
  if (outcome.kind !== 'completed') session.exitCode(exitCodes.notCompleted);
}

/** Requests the cancellation of a saga. */
export async function cancelSaga(session: Session, sagaId: string): Promise<void> {
  await (await session.client()).cancel(sagaId);
  session.print({ sagaId, cancelRequested: true }, `${sagaId}: cancellation requested`);
}

/** Rescues a saga. */
export async function rescueSaga(
  session: Session,
  sagaId: string,
  options: { wait: boolean },
): Promise<void> {
  const client = await session.rescuer();
  await undoing(session, await client.rescue(sagaId), options.wait);
}

/** Reverses a saga, once that is confirmed. */
export async function reverseSaga(
  session: Session,
  sagaId: string,
  options: { wait: boolean; yes: boolean },
): Promise<void> {
  if (!(await confirm(`Undo all that ${sagaId} has done`, options.yes))) return;
  const client = await session.rescuer();
  await undoing(session, await client.reverse(sagaId), options.wait);
}

async function startUntil(
  session: Session,
  definition: ConfiguredSaga['definition'],
  input: unknown,
  milestone: string,
): Promise<void> {
  const sagaId = definition.idOf(input);
  const answer = await (await session.client()).startUntil(definition, input, milestone);
  const why = answer.kind === 'refused' ? `: ${answer.reason.code}: ${answer.reason.message}` : '';
  session.print(
    { sagaId, ...answer },
    `${sagaId} ${answer.kind === 'reached' ? 'has reached' : 'will not reach'} ${milestone}${why}`,
  );
  if (answer.kind === 'refused') session.exitCode(exitCodes.notCompleted);
}

async function undoing(session: Session, rescue: StartedRescue, wait: boolean): Promise<void> {
  const { rescueId, started } = rescue;
  if (!wait) {
    session.print(rescue, `${rescueId} ${started ? 'started' : 'was already started'}`);
    return;
  }
  const outcome = await (await session.client()).waitForClose<SagaReport>(rescueId);
  const completed = outcome.kind === 'completed';
  session.print(
    { ...rescue, ...outcome },
    completed ? reportText(outcome.result, session.columns) : outcomeText(rescueId, outcome),
  );
  if (!completed) session.exitCode(exitCodes.notCompleted);
}

async function configured(session: Session, workflow: string): Promise<ConfiguredSaga> {
  const sagas = await session.sagas();
  const found = sagas.find(({ definition }) => definition.workflow === workflow);
  if (found) return found;
  const known = sagas.map((saga) => saga.definition.workflow).join(', ') || 'none';
  throw new CommandError(
    'SAGA_NOT_CONFIGURED',
    `The configuration names no saga ${workflow}; it names: ${known}.`,
    'Add its definition to `sagas` in unwind.config.ts.',
  );
}

/** @throws CommandError `INPUT_INVALID` */
function checked({ input: schema, definition }: ConfiguredSaga, file: string): unknown {
  const input = read(file);
  const result = schema?.safeParse(input);
  if (!result) return input;
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join('.') || '(top)'}: ${message}`);
  throw invalid(
    `${file} is no input of ${definition.workflow}:\n  - ${problems.slice(0, 20).join('\n  - ')}`,
  );
}

function read(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file === '-' ? 0 : file, 'utf8'));
  } catch (error) {
    throw invalid(`${file} cannot be read: ${(error as Error).message}`, error);
  }
}

function invalid(message: string, cause?: unknown): CommandError {
  return new CommandError('INPUT_INVALID', message, 'Nothing was started.', { cause });
}
