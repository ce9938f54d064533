import { type Client, type WorkflowExecutionDescription, WorkflowNotFoundError } from '@temporalio/client';
import { entryOfNested, isUndoWorkflowId } from '../saga/core/ids';
import { readCallEvents } from './call-events';
import { askAgain, SagaClientError } from './errors';
import { requireKind } from './entries-to-undo';
import { describeIfFound } from './describe';
import { readEffects, terminatedMsAgo } from './effects';
import {
  type CallEvent,
  isEarlierRunsQuestion,
  rebuildLedger,
  type RebuiltEntry,
  type RebuiltLedger,
} from './rebuild-ledger';
import type { SagaRecords } from './records';
import { listExecutions } from './visibility';
import { addRecords, makeSequential } from './add-records';

/** What earlier runs of a saga did, the runs before a reset. */
interface EarlierRuns {
  readonly ledger: RebuiltLedger;
  readonly nestedRuns: Readonly<Record<string, readonly string[]>>;
  /** Whether one of them has completed. */
  readonly completed: boolean;
}

/** One of them. */
interface EarlierRun {
  readonly description: WorkflowExecutionDescription;
  readonly events: readonly CallEvent[];
}

/**
 * A reset run's ledger with what earlier runs did besides, for a rescue. What its own look back has found is in its
 * history; only resets that it had not looked at yet are followed.
 */
export async function addEarlierRuns(
  client: Client,
  sagaId: string,
  runId: string,
  events: readonly CallEvent[],
  records: readonly SagaRecords[],
): Promise<RebuiltLedger> {
  const own = rebuildLedger(events);
  const bases = resetBasesOf(events);
  if (bases.length === 0) return own;
  const { ledger } = await readEarlierRuns(client, sagaId, runId, bases, records);
  const isKnown = ({ step }: RebuiltEntry) => own.entries.some((entry) => entry.step === step);
  const added = ledger.entries.filter((entry) => !isKnown(entry) && !entry.undone && !entry.refused);
  const pivot = own.pivot ?? added.find(({ kind }) => kind === 'pivot');
  return { entries: makeSequential([...added, ...own.entries]), ...(pivot && { pivot }) };
}

/** The runs from which it was reset since it last asked what they did. */
export function resetBasesOf(events: readonly CallEvent[]): string[] {
  const asked = new Set<number>();
  let bases: string[] = [];
  for (const event of events) {
    if (event.type === 'other-run' && event.is === 'base') bases.push(event.runId);
    if (event.type === 'scheduled' && isEarlierRunsQuestion(event.call)) asked.add(event.eventId);
    if (event.type === 'closed' && event.succeeded && asked.has(event.scheduledId)) bases = [];
  }
  return bases;
}

export async function readEarlierRuns(
  client: Client,
  sagaId: string,
  current: string,
  bases: readonly string[],
  records: readonly SagaRecords[],
): Promise<EarlierRuns> {
  const runs = await readRuns(client, sagaId, current, bases);
  const byStep = new Map<string, RebuiltEntry>();
  for (const entry of runs.flatMap(({ events }) => rebuildLedger(events).entries)) {
    const known = byStep.get(entry.step);
    byStep.set(entry.step, known ? mergeRuns(known, entry) : entry);
  }
  // The numbers of two runs' events, and the sagas' own clocks, do not compare: only the time does.
  const entries = [...byStep.values()]
    .sort((a, b) => a.began - b.began)
    .map(({ clock: _clock, ...entry }) => entry);
  const descriptions = runs.map(({ description }) => description);
  const remaining = await readEffects(client, sagaId, descriptions, records);
  const ledger = addRecords({ entries: makeSequential(entries) }, remaining);
  for (const entry of ledger.entries) requireKind(entry, sagaId);
  return {
    ledger,
    nestedRuns: await nestedRunsOf(
      client,
      sagaId,
      runs.flatMap(({ events }) => events),
    ),
    completed: descriptions.some(({ status }) => status.name === 'COMPLETED'),
  };
}

/** All runs that are there, and all that a history names. */
async function readRuns(
  client: Client,
  sagaId: string,
  current: string,
  bases: readonly string[],
): Promise<EarlierRun[]> {
  const runs = new Map<string, EarlierRun>();
  const listed: string[] = [];
  for await (const { runId } of listExecutions(client, `WorkflowId = ${JSON.stringify(sagaId)}`))
    listed.push(runId);
  const toRead = [...bases, ...listed];
  for (let runId = toRead.pop(); runId !== undefined; runId = toRead.pop()) {
    if (runId === current || runs.has(runId)) continue;
    const run = await readRun(client, sagaId, runId);
    runs.set(runId, run);
    const { events } = run;
    const later = events.flatMap((event) =>
      event.type === 'other-run' && event.is === 'continuation' ? [event.runId] : [],
    );
    toRead.push(...resetBasesOf(events), ...later);
  }
  return [...runs.values()];
}

async function readRun(client: Client, sagaId: string, runId: string): Promise<EarlierRun> {
  try {
    const description = await client.workflow.getHandle(sagaId, runId).describe();
    const events = await readCallEvents(client, sagaId, runId);
    requireNoUndoInFlight(description, events);
    await requireNoReverseUnderWay(client, events);
    return { description, events };
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const message = `the history of its run ${runId} is gone, so nobody knows all that it did`;
    throw new SagaClientError('EARLIER_RUN_UNREADABLE', sagaId, message, { cause: error });
  }
}

/**
 * A worker goes on with an attempt when its run is terminated. If it compensates a step after the reset run has asked whether
 * that step was compensated, the reset run does not learn of it.
 * @throws SagaClientError `SAGA_RUNNING`
 */
function requireNoUndoInFlight(run: WorkflowExecutionDescription, events: readonly CallEvent[]): void {
  const ago = terminatedMsAgo(run);
  if (ago === undefined) return;
  const closed = new Set(events.flatMap((event) => (event.type === 'closed' ? [event.scheduledId] : [])));
  for (const event of events) {
    if (event.type !== 'scheduled' || event.call.op !== 'undo' || event.nested !== undefined) continue;
    if (closed.has(event.eventId) || ago >= event.startToCloseMs) continue;
    const what = `the run ${run.runId} was ended while ${event.call.step} was compensated, and a worker may still be at it`;
    throw askAgain(run.workflowId, what, event.startToCloseMs - ago);
  }
}

/**
 * The reverse of a nested saga goes on when the run that has started it is terminated. It would undo what the reset run has been
 * told to be there.
 * @throws SagaClientError `SAGA_RUNNING`
 */
async function requireNoReverseUnderWay(client: Client, events: readonly CallEvent[]): Promise<void> {
  for (const event of events) {
    if (event.type !== 'nested-run' || !isUndoWorkflowId(event.nested)) continue;
    const run = await describeIfFound(client, event.nested, event.runId);
    if (run?.status.name !== 'RUNNING') continue;
    const message = `${event.nested} undoes a nested saga for an earlier run: ask again when it has ended`;
    throw new SagaClientError('SAGA_RUNNING', event.nested, message);
  }
}

/** What two runs tell of one key: an action is not done again after it was undone or refused. */
function mergeRuns(one: RebuiltEntry, other: RebuiltEntry): RebuiltEntry {
  const told = other.succeeded && !one.succeeded ? other : one;
  return { ...told, undone: one.undone || other.undone, refused: one.refused || other.refused };
}

async function nestedRunsOf(
  client: Client,
  sagaId: string,
  events: readonly CallEvent[],
): Promise<Record<string, readonly string[]>> {
  const found = new Map<string, Set<string>>();
  for (const event of events) {
    if (event.type !== 'nested-run' || isUndoWorkflowId(event.nested)) continue;
    const known = found.get(event.nested);
    if (known) known.add(event.runId);
    else found.set(event.nested, new Set([event.runId]));
  }
  const runs = [...found].map(async ([nested, runIds]) => {
    const latest = await describeIfFound(client, nested);
    if (latest) runIds.add(latest.runId);
    return [entryOfNested(sagaId, nested), [...runIds]] as const;
  });
  return Object.fromEntries(await Promise.all(runs));
}
