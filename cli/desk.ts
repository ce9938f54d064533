import { type Command, InvalidArgumentError } from 'commander';
import { abandonSaga, type DeskAct, resolveStep, retryStep, type Signature, skipStep } from '../src/saga';
import { take } from './order/commands';
import { listText } from './order/print';
import type { Session } from './session';

/** Adds `desk …` to the command line: what an operator can do to a stuck saga. */
export function addDeskCommands(program: Command, session: Session): void {
  const desk = program.command('desk').description('find stuck sagas and decide about them');

  desk
    .command('list')
    .description('list the sagas that need an operator, or code that gets them going again')
    .action(async () => {
      const sagas = await take(1000, (await session.client()).listStuck());
      session.print(sagas, listText(sagas));
    });

  signed(desk.command('retry').description('run another round of a stuck step now'), true)
    .option('--input <json>', 'run it on this input instead', json)
    .option(
      '--output <json>',
      'for a compensation: what its action answered, where that cannot be read',
      json,
    )
    .action(async (sagaId: string, step: string, { input, output, ...signature }: Signed & Corrected) => {
      const decision = {
        step,
        ...signature,
        ...(input && { input: input.value }),
        ...(output && { output: output.value }),
      };
      report(session, sagaId, await (await session.client()).update(sagaId, retryStep, decision));
    });

  signed(desk.command('resolve').description('say that a stuck step was done by hand'), true)
    .option('--output <json>', 'for an action: what it would have answered', json)
    .action(async (sagaId: string, step: string, { output, ...signature }: Signed & { output?: Json }) => {
      const decision = { step, ...signature, ...(output && { output: output.value }) };
      report(session, sagaId, await (await session.client()).update(sagaId, resolveStep, decision));
    });

  signed(desk.command('skip').description('leave a stuck compensation undone for good'), true).action(
    async (sagaId: string, step: string, signature: Signed) => {
      const decision = { step, ...signature };
      report(session, sagaId, await (await session.client()).update(sagaId, skipStep, decision));
    },
  );

  signed(desk.command('abandon').description('give up before the pivot, and unwind'), false).action(
    async (sagaId: string, signature: Signed) => {
      report(session, sagaId, await (await session.client()).update(sagaId, abandonSaga, signature));
    },
  );
}

type Signed = Signature;

interface Corrected {
  readonly input?: Json;
  readonly output?: Json;
}

/** A value of its own, so that `null` and `false` can be given. */
interface Json {
  readonly value: unknown;
}

function signed(command: Command, withStep: boolean): Command {
  command.argument('<saga-id>');
  if (withStep) command.argument('<step>', 'as the report names it');
  return command
    .requiredOption('--actor <name>', 'who decides')
    .requiredOption('--reason <text>', 'why')
    .option('--ticket <id>', 'where it is tracked');
}

function json(text: string): Json {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    throw new InvalidArgumentError('must be JSON');
  }
}

function report(session: Session, sagaId: string, act: DeskAct): void {
  session.print(
    { sagaId, ...act },
    `${sagaId}: ${act.verb}${act.step ? ` ${act.step}` : ''} by ${act.actor}`,
  );
}
