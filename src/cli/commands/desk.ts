import type { Command } from 'commander';
import { abandonSaga, type DeskAct, resolveStep, retryStep, type Signature, skipStep } from '../../saga';
import { readDecisions, type SagaDecision } from '../../view/decisions-taken';
import { type Json, json, workflow } from '../arguments';
import { take } from '../../view/take';
import { confirm } from '../confirm';
import { addListOptions, type ListOptions } from './look';
import type { Session } from '../session';
import { listText } from '../text/list';

/** Adds `desk …` to the command line: operator interventions. */
export function addDeskCommands(program: Command, session: Session): void {
  const desk = program
    .command('desk')
    .description('operator interventions: find stuck sagas, and retry, resolve, skip or abandon');

  desk
    .command('list')
    .description('list the sagas that are stuck, or whose workflow task fails')
    .action(async () => {
      const sagas = await take(1000, (await session.client()).listStuck());
      session.print(sagas, listText(sagas, session.columns));
    });

  addListOptions(
    desk
      .command('log')
      .description('list what operators decided about the latest sagas, and why; with --json a line each')
      .option('--saga <workflow>', 'only those of a definition, by the name of its workflow', workflow),
  ).action(async ({ limit, saga, ...filter }: ListOptions) => {
    const all = { ...filter, ...(saga !== undefined && { workflow: saga }) };
    const { decisions, read, listed } = await readDecisions(await session.client(), all, limit);
    for (const decision of decisions) session.printLine(decision, decisionText(decision));
    const unread = read < listed ? `; no worker answered for ${listed - read}` : '';
    session.note(`decisions: ${decisions.length}, sagas read: ${read}${unread}`);
  });

  signed(desk.command('retry').description('retry a stuck step now'), true)
    .option('--input <json>', 'replace the input of the action', json)
    .option('--output <json>', 'for a compensation: replace the output of its action', json)
    .action(async (sagaId: string, step: string, { input, output, ...signature }: Signed & Corrected) => {
      const decision = {
        step,
        ...signature,
        ...(input && { input: input.value }),
        ...(output && { output: output.value }),
      };
      report(session, sagaId, await (await session.client()).update(sagaId, retryStep, decision));
    });

  signed(desk.command('resolve').description('state that a stuck step was done by hand'), true)
    .option('--output <json>', 'the output of an action (required for an action)', json)
    .action(async (sagaId: string, step: string, { output, ...signature }: Signed & { output?: Json }) => {
      const decision = { step, ...signature, ...(output && { output: output.value }) };
      report(session, sagaId, await (await session.client()).update(sagaId, resolveStep, decision));
    });

  signed(
    desk
      .command('skip')
      .description('leave the effect of a stuck compensation in place: the saga ends partly compensated'),
    true,
  )
    .option('--yes', 'do not ask', false)
    .action(async (sagaId: string, step: string, { yes, ...signature }: Signed & { yes: boolean }) => {
      if (!(await confirm(`Leave what ${step} of ${sagaId} did`, yes))) return;
      const decision = { step, ...signature };
      report(session, sagaId, await (await session.client()).update(sagaId, skipStep, decision));
    });

  signed(desk.command('abandon').description('unwind a saga that has not begun its pivot'), false).action(
    async (sagaId: string, signature: Signed) => {
      report(session, sagaId, await (await session.client()).update(sagaId, abandonSaga, signature));
    },
  );
}

function decisionText({ at, sagaId, verb, step, actor, reason, ticket, declined }: SagaDecision): string {
  const what = [verb, step, declined && '(declined)'].filter(Boolean).join(' ');
  return `${at}  ${sagaId}  ${what} by ${actor}: ${reason}${ticket === undefined ? '' : ` (${ticket})`}`;
}

type Signed = Signature;

interface Corrected {
  readonly input?: Json;
  readonly output?: Json;
}

function signed(command: Command, withStep: boolean): Command {
  command.argument('<saga-id>', 'the workflow id, such as order-A17');
  if (withStep) command.argument('<step>', 'the step, as the report names it');
  return command
    .requiredOption('--actor <name>', 'who decides')
    .requiredOption('--reason <text>', 'why')
    .option('--ticket <id>', 'the ticket that tracks it');
}

function report(session: Session, sagaId: string, act: DeskAct): void {
  session.print(
    { sagaId, ...act },
    `${sagaId}: ${act.verb}${act.step ? ` ${act.step}` : ''} by ${act.actor}`,
  );
}
