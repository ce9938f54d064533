import { existsSync, readFileSync } from 'node:fs';
import { Argument, type Command } from 'commander';
import {
  actOnMany,
  type BulkAct,
  type BulkResult,
  type BulkVerb,
  bulkVerbs,
  type SagaFilter,
  type SagaState,
} from '../../client';
import { CommandError } from '../command-error';
import { count, state, workflow } from '../arguments';
import { take } from '../../view/take';
import { confirm } from '../confirm';
import { write } from '../files';
import { awaitInterrupt } from '../interrupt';
import { exitCodes } from '../output';
import type { Session } from '../session';
import { stateFor } from '../../view/decisions';
import { durationText } from '../../view/duration';
import { listText } from '../text/list';

const SHOWN = 10;
const APPENDED = { flag: 'a', hint: 'Name another file. What was done so far is above.' } as const;

interface Options extends Omit<BulkAct, 'verb'> {
  readonly saga?: string;
  readonly state?: SagaState;
  readonly where?: string;
  readonly max: number;
  readonly rate: number;
  readonly log?: string;
  readonly dryRun: boolean;
  readonly yes: boolean;
}

/** Adds `bulk` to the command line. */
export function addBulkCommand(program: Command, session: Session): void {
  program
    .command('bulk')
    .description(
      'do something to many sagas: shows how many first, asks, and sees what came of each; ' +
        `exits with ${exitCodes.notCompleted} unless all of it was done`,
    )
    .addArgument(new Argument('<verb>', 'what to do').choices(bulkVerbs))
    .requiredOption('--actor <name>', 'who decides')
    .requiredOption('--reason <text>', 'why')
    .option('--ticket <id>', 'the ticket that tracks it')
    .option('--saga <workflow>', 'only those of a definition, by the name of its workflow', workflow)
    .option('--state <state>', 'those in a state; by default the one that the verb is for', state)
    .option('--where <filter>', `a Temporal list filter, such as "SagaStuckStep = 'capture-payment'"`)
    .option('--step <step>', 'for retry, resolve and skip: only this step')
    .option('--max <count>', 'how many at most', count, 10_000)
    .option('--rate <count>', 'how many a second at most', count, 10)
    .option('--log <file>', 'append each result as a line of JSON; what is done there is not done again')
    .option('--dry-run', 'only show how many', false)
    .option('--yes', 'do not ask', false)
    .action((verb: BulkVerb, options: Options) => bulk(session, verb, options));
}

async function bulk(session: Session, verb: BulkVerb, options: Options): Promise<void> {
  const done = options.log === undefined ? new Set<string>() : readDone(options.log, verb);
  const client = verb === 'rescue' ? await session.rescuer() : await session.client();
  const found = (await take(options.max, client.list(filterOf(verb, options)))).filter(
    ({ sagaId }) => !done.has(sagaId),
  );
  if (found.length === 0 || options.dryRun) {
    const more = found.length > SHOWN ? `\nand ${found.length - SHOWN} more` : '';
    const shown = found.slice(0, SHOWN);
    session.print(
      { verb, sagas: found.length, first: shown },
      `${verb}: ${listText(shown, session.columns)}${more}`,
    );
    return;
  }
  session.note(`${listText(found.slice(0, SHOWN), session.columns)} of ${found.length}`);
  const least = durationText((found.length / options.rate) * 1_000);
  if (!(await confirm(`${verb} ${found.length} sagas, in ${least} at least`, options.yes))) return;
  await act(
    session,
    client,
    found.map(({ sagaId }) => sagaId),
    verb,
    options,
  );
}

async function act(
  session: Session,
  client: Awaited<ReturnType<Session['client']>>,
  sagaIds: readonly string[],
  verb: BulkVerb,
  { actor, reason, ticket, step, rate, log }: Options,
): Promise<void> {
  const decided: BulkAct = {
    verb,
    actor,
    reason,
    ...(ticket !== undefined && { ticket }),
    ...(step !== undefined && { step }),
  };
  const interrupt = awaitInterrupt();
  const stop = new AbortController();
  void interrupt.race(new Promise<never>(() => undefined)).then(() => stop.abort());
  const results = new Map<BulkResult['result'], number>();
  let ended = 0;
  for await (const result of actOnMany(client, sagaIds, decided, { perSecond: rate, signal: stop.signal })) {
    ended += 1;
    results.set(result.result, (results.get(result.result) ?? 0) + 1);
    if (log !== undefined) write(log, `${JSON.stringify(result)}\n`, APPENDED);
    session.printLine(result, resultText(result));
    if (ended % 25 === 0) session.note(`${ended} of ${sagaIds.length}`);
  }
  interrupt.release();
  const summary = { verb, sagas: sagaIds.length, ...Object.fromEntries(results) };
  const counts = [...results].map(([result, number]) => `${number} ${result}`).join(', ');
  session.printLine(summary, `${verb}: ${ended} of ${sagaIds.length} sagas: ${counts}`);
  if (stop.signal.aborted) session.exitCode(exitCodes.interrupted);
  else if ((results.get('done') ?? 0) < sagaIds.length) session.exitCode(exitCodes.notCompleted);
}

function resultText({ sagaId, result, state: now, message }: BulkResult): string {
  return [`${sagaId}  ${result}`, now && `is ${now}`, message].filter(Boolean).join('  ');
}

function filterOf(verb: BulkVerb, options: Options): SagaFilter {
  return {
    state: options.state ?? stateFor[verb],
    ...(options.saga !== undefined && { workflow: options.saga }),
    ...(options.where !== undefined && { where: options.where }),
  };
}

/** The sagas that a log says this was done to. @throws CommandError `INPUT_INVALID` */
function readDone(log: string, verb: BulkVerb): ReadonlySet<string> {
  if (!existsSync(log)) return new Set();
  try {
    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    const results = lines.map((line) => JSON.parse(line) as BulkResult);
    return new Set(results.flatMap((one) => (one.verb === verb && one.result === 'done' ? one.sagaId : [])));
  } catch (cause) {
    const message = `${log} is no log of a bulk command: ${(cause as Error).message}`;
    throw new CommandError('INPUT_INVALID', message, 'Name another file.', { cause });
  }
}
