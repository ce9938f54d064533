import type { Command } from 'commander';
import { type SagaFilter, sagaStates } from '../../client';
import { count, state, workflow } from '../arguments';
import { take } from '../../view/take';
import { awaitInterrupt } from '../interrupt';
import { exitCodes } from '../output';
import type { Session } from '../session';
import { listText } from '../text/list';
import { previewText } from '../text/preview';
import { sagaText } from '../text/saga';

/** How often `show --follow` asks, in milliseconds. */
const FOLLOW_EVERY_MS = 1_000;

/** Adds the commands that look at sagas and change nothing. */
export function addLookCommands(program: Command, session: Session): void {
  addListOptions(
    program
      .command('list')
      .description('list sagas, the latest started first')
      .option('--saga <workflow>', 'only those of a definition, by the name of its workflow', workflow),
  ).action((options: ListOptions) => listSagas(session, options));

  program
    .command('show')
    .description('show a saga: its steps, what it waits for, and what an operator can do')
    .argument('<saga-id>', 'the workflow id, such as order-A17')
    .option(
      '--follow',
      `show it again whenever it changes, until it ends; exits with ${exitCodes.notCompleted} unless it completed`,
      false,
    )
    .action((sagaId: string, options: { follow: boolean }) => showSaga(session, sagaId, options));

  program
    .command('preview')
    .description('show what would be undone if a saga failed now')
    .argument('<saga-id>', 'the workflow id')
    .action((sagaId: string) => previewSaga(session, sagaId));
}

/** What `list` takes. */
export interface ListOptions extends Omit<SagaFilter, 'workflow'> {
  /** The name of a workflow. */
  readonly saga?: string;
  /** How many at most. */
  readonly limit: number;
}

/** Adds the options of a command that lists sagas. */
export function addListOptions(command: Command): Command {
  return command
    .option('--state <state>', sagaStates.join(', '), state)
    .option('--where <filter>', `a Temporal list filter, such as "SagaReason = 'CARD_DECLINED'"`)
    .option('--limit <count>', 'how many at most', count, 50);
}

/** Lists sagas. */
export async function listSagas(session: Session, { limit, saga, ...filter }: ListOptions): Promise<void> {
  const client = await session.client();
  const sagas = await take(limit, client.list({ ...filter, ...(saga !== undefined && { workflow: saga }) }));
  session.print(sagas, listText(sagas, session.columns));
}

/** Shows a saga, with `follow` again and again until it ends. */
export async function showSaga(
  session: Session,
  sagaId: string,
  options: { follow: boolean },
): Promise<void> {
  if (options.follow) return await followSaga(session, sagaId);
  const saga = await (await session.client()).describe(sagaId);
  session.print(saga, sagaText(saga, session.command, session.columns));
}

/** Shows what would be undone if a saga failed now. */
export async function previewSaga(session: Session, sagaId: string): Promise<void> {
  const preview = await (await session.client()).undoPreview(sagaId);
  session.print(preview, previewText(preview, session.columns));
}

async function followSaga(session: Session, sagaId: string): Promise<void> {
  const interrupt = awaitInterrupt();
  try {
    const client = await session.client();
    for (;;) {
      const saga = await client.describe(sagaId);
      session.redraw(saga, sagaText(saga, session.command, session.columns));
      if (saga.closedAt) {
        if (saga.state !== 'completed') session.exitCode(exitCodes.notCompleted);
        return;
      }
      if (await interrupt.within(FOLLOW_EVERY_MS)) {
        session.note(`${sagaId} goes on: this command only looked at it`);
        session.exitCode(exitCodes.interrupted);
        return;
      }
    }
  } finally {
    interrupt.release();
  }
}
