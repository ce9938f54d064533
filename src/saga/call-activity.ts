import type { Duration } from '@temporalio/common';
import { msToNumber } from '@temporalio/common/lib/time';
import {
  type ActivityOptions,
  CancellationScope,
  condition,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { schedule } from './activities';
import type { Operation as Verb, StepCall, Undo } from './call';
import type { Entry, Outcome } from './core/entry';
import { ACTION_BLOCKED, engineFailure, type Failure, NO_WORKER } from './core/failures';
import { operationKey } from './core/ids';
import { instant } from './core/instant';
import type { ProbeAnswer } from './core/ledger';
import { verbOf } from './core/operation';
import type { Operation } from './core/pending';
import { jsonBytes, MAX_PAYLOAD_BYTES, refuseSize } from './core/payload-size';
import { scheduleToStartTimeout } from './core/policy';
import type { SagaState } from './core/state';
import { isUntaken, outcomeOf } from './failures';
import { summaryLine } from './markdown';
import { type Placement, recordedPlacement } from './memo';
import { reverseNested, runNested } from './nested';
import { sdkWorkflow } from './sdk-workflow';
import { declarationOf, DEFAULT_START_TO_CLOSE_MS, LONGEST_LOCAL_MS, type OperationOptions } from './step';
import { taskBudget } from './task-budget';

/** The attempts in a round of an action before the pivot: after them its outcome is unknown and the saga unwinds. */
const FORWARD_ROUND = 6;
/** The attempts in a round of what is retried until it is known: about two minutes, then it is stuck. */
const PERSISTENT_ROUND = 10;

/** How one round of an operation is called. */
interface Round {
  readonly verb: Verb;
  /** How long the call may wait for a worker, in milliseconds. */
  readonly scheduleToStartTimeout: number;
  /** When the operation was first called, in epoch milliseconds. */
  readonly since: number;
  readonly inTask: boolean;
}

/** Who hears of a call: how it ended, and how to cancel it while it runs. */
export interface CallListener {
  /** @param isAtRest whether nothing else has happened since the body had gone on as far as it can. */
  readonly answer: (outcome: Outcome, isAtRest?: boolean) => void;
  readonly onCancel: (cancel: () => void) => void;
}

/**
 * Runs one round of an operation, and says how it ended. One that waits for a worker ends at once when an operator decides.
 * What is not a Temporal failure is a programming error and fails the workflow task (S12).
 */
export function callOperation(state: SagaState, operation: Operation, listener: CallListener): void {
  const { entry, type, round, since, reason } = operation;
  const verb = verbOf(operation);
  // What another attempt would answer differently, or must not lose, is no local activity (decision 0009).
  const inTask = type === 'act' && state.isVolatile(entry);
  const how = { verb, scheduleToStartTimeout: scheduleToStartTimeout(round, state.policy), since, inTask };
  if (entry.stuck?.failure.code === NO_WORKER) void callUntilDecided(state, entry, how, listener, reason);
  else attempt(state, entry, how, listener, reason);
}

/** Asks whether the action of a compensation happened (S2). @param answer is given nothing when nobody can say */
export function probeOperation(
  state: SagaState,
  { entry, since }: Operation,
  answer: (probed?: ProbeAnswer) => void,
): void {
  const how = { scheduleToStartTimeout: scheduleToStartTimeout(1, state.policy), since };
  attempt(
    state,
    entry,
    { ...how, verb: 'probe', inTask: false },
    {
      answer: (outcome) => answer(outcome.kind === 'succeeded' ? (outcome.output as ProbeAnswer) : undefined),
      onCancel: () => undefined,
    },
  );
}

async function callUntilDecided(
  state: SagaState,
  entry: Entry,
  round: Round,
  { answer }: CallListener,
  reason?: string,
): Promise<void> {
  const waiting = new CancellationScope();
  const listening = new CancellationScope();
  listening
    .run(() => condition(() => entry.stuck?.decided !== undefined))
    .then(
      () => waiting.cancel(),
      () => undefined,
    );
  const outcome = await waiting.run(
    () =>
      new Promise<Outcome>((resolve) =>
        attempt(state, entry, round, { answer: resolve, onCancel: () => undefined }, reason),
      ),
  );
  listening.cancel();
  answer(outcome);
}

/** Schedules the call, in this workflow task if that has room for it. */
function attempt(
  state: SagaState,
  entry: Entry,
  round: Round,
  listener: CallListener,
  reason?: string,
): void {
  const { verb } = round;
  const { step } = entry;
  const activity = { do: step.action, undo: step.compensation, probe: step.probe }[verb];
  if (activity === undefined) throw new Error(`${step.name} has nothing to ${verb}`);
  const call = callOf(entry, verb, reason);
  const argument = verb === 'undo' ? undoOf(entry) : entry.input;
  const bytes = jsonBytes(argument);
  const tooLarge = refuseArgument(entry, verb, bytes);
  if (tooLarge) {
    // An action that was not called has not happened; only a step that must be done is stuck with it.
    const outcome: Outcome =
      verb === 'do' && step.kind !== 'retriable'
        ? { kind: 'refused', failure: tooLarge, notCalled: true }
        : { kind: 'unknown', failure: tooLarge };
    void Promise.resolve().then(() => listener.answer(outcome));
    return;
  }
  const { nested } = declarationOf(entry);
  const make = () => {
    if (nested)
      return void (verb === 'undo' ? reverseNested : runNested)(entry, nested, call, state.ledger).then(
        (outcome) => listener.answer(outcome),
      );
    // One that this workflow task may not carry begins when the task is recorded, as any other activity does.
    const common = optionsOf(entry, verb);
    const isLocal = round.inTask && isBrief(common) && state.mayRunInTask(sdkWorkflow().task);
    const options = isLocal ? common : { ...common, ...remoteOptions(entry, round) };
    const cancel = schedule(
      { name: activity, args: [argument, call], options, isLocal, hasTurn: !round.inTask },
      {
        completed: (output, cameAlone) => listener.answer({ kind: 'succeeded', output }, cameAlone),
        failed: (error, cameAlone) => listener.answer(outcomeOfError(error, entry, round), cameAlone),
      },
    );
    listener.onCancel(cancel);
  };
  if (taskBudget().take(bytes)) make();
  else
    void untilRoom(bytes, listener).then((isCancelled) => {
      if (isCancelled) listener.answer(outcomeOfError(isCancelled, entry, round));
      else make();
    });
}

/** Whether an attempt ends so soon that nobody has to know of it in advance. */
function isBrief({ startToCloseTimeout }: CallOptions): boolean {
  return msToNumber(startToCloseTimeout) <= LONGEST_LOCAL_MS;
}

/** Each wait ends in another workflow task, which is asked again. @returns why the call is not to be made any more */
async function untilRoom(bytes: number, { onCancel }: CallListener): Promise<TemporalFailure | undefined> {
  const waiting = new CancellationScope();
  onCancel(() => waiting.cancel());
  try {
    await waiting.run(async () => {
      do await taskBudget().next();
      while (!taskBudget().take(bytes));
    });
    return undefined;
  } catch (error) {
    if (error instanceof TemporalFailure) return error;
    throw error;
  }
}

/** @throws what is not a Temporal failure */
function outcomeOfError(error: unknown, entry: Entry, round: Round): Outcome {
  if (!(error instanceof TemporalFailure)) throw error;
  if (isUntaken(error)) return { kind: 'unknown', failure: untaken(entry, round) };
  return outcomeOf(error, round.verb === 'do' ? [...entry.step.refusals, ACTION_BLOCKED] : []);
}

function callOf(entry: Entry, op: Verb, reason?: string): StepCall {
  const { step } = entry;
  const { namespace, workflowId } = workflowInfo();
  const sagaId = entry.sagaId ?? workflowId;
  return {
    namespace,
    sagaId,
    step: entry.id,
    op,
    key: operationKey(namespace, sagaId, entry.id, op === 'undo' ? 'undo' : 'do'),
    ...(reason !== undefined && { reason }),
    ...(op === 'undo' && entry.corrected && { corrected: true }),
    ...(op === 'undo' && entry.correctedOutput && { correctedOutput: true }),
    ...(op === 'do' && { kind: step.kind, began: entry.began }),
    ...(op === 'do' && step.compensation !== undefined && { compensation: step.compensation }),
  };
}

function undoOf({ input, outcome, correctedOutput }: Entry): Undo<unknown, unknown> {
  return {
    input,
    ...(outcome?.kind === 'succeeded' && { output: outcome.output }),
    ...correctedOutput,
  };
}

function refuseArgument({ id, step }: Entry, op: Verb, bytes: number): Failure | undefined {
  if (op === 'do') return refuseSize(`the input of ${id}`, bytes, MAX_PAYLOAD_BYTES);
  // A nested saga's stack travels in parts.
  return step.nested ? undefined : refuseSize(`what the ${op} of ${id} is given`, bytes);
}

type CallOptions = ActivityOptions & { readonly startToCloseTimeout: Duration };

/** A local activity has no heartbeat and no queue: its worker is the workflow's. */
function remoteOptions(entry: Entry, { verb, scheduleToStartTimeout }: Round): ActivityOptions {
  return {
    ...heartbeatOf(entry, verb),
    taskQueue: queueOf(entry),
    scheduleToStartTimeout,
  };
}

function queueOf({ step }: Entry): string {
  return placement() === 'participants' ? step.participant.taskQueue : workflowInfo().taskQueue;
}

function placement(): Placement {
  return recordedPlacement(workflowInfo().memo);
}

function untaken(entry: Entry, { since }: Round): Failure {
  return engineFailure(
    NO_WORKER,
    `no worker took it from the task queue ${queueOf(entry)} since ${instant(since)}`,
  );
}

function optionsOf(entry: Entry, op: Verb): CallOptions {
  const { step } = entry;
  const { startToCloseTimeout = DEFAULT_START_TO_CLOSE_MS, retry } = declaredOptions(entry, op);
  const forward = op !== 'undo' && step.kind !== 'pivot' && step.kind !== 'retriable';
  return {
    // A cancelled action is in flight until it has answered: nothing is undone before that (S3).
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    startToCloseTimeout,
    retry: {
      maximumAttempts: forward ? FORWARD_ROUND : PERSISTENT_ROUND,
      initialInterval: '500ms',
      maximumInterval: '30s',
      backoffCoefficient: 2,
      ...retry,
    },
    summary: summaryLine(`${PREFIX[op]}${entry.summary ?? entry.id}`),
  };
}

function heartbeatOf(entry: Entry, op: Verb): ActivityOptions {
  const { heartbeatTimeout } = declaredOptions(entry, op);
  return heartbeatTimeout === undefined ? {} : { heartbeatTimeout };
}

function declaredOptions(entry: Entry, op: Verb): OperationOptions {
  const { options, compensationOptions } = declarationOf(entry);
  return op === 'undo' ? compensationOptions : options;
}

const PREFIX = { do: '', undo: 'undo: ', probe: 'probe: ' };
