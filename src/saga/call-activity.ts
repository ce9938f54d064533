import type { Duration } from '@temporalio/common';
import {
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  sleep,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Operation, StepCall, Undo } from './call';
import { runsInTask } from './core/express';
import { ACTION_BLOCKED, engineFailure, type Failure, NO_WORKER } from './core/failures';
import { instant } from './core/instant';
import type { Entry, Outcome } from './core/entry';
import type { SagaState } from './core/saga-state';
import { jsonBytes, MAX_PAYLOAD_BYTES, refuseSize } from './core/payload-size';
import { summaryLine } from './markdown';
import { reverseNested, runNested } from './nested';
import { type Placement, recordedPlacement } from './placement';
import { isUntaken, outcomeOf } from './read-failure';
import { currentTask } from './sdk-internals';
import type { Attempts } from './step';
import { taskBudget } from './task-budget';

/** The attempts in a round of an action before the pivot: after them its outcome is unknown and the saga unwinds. */
const FORWARD_ROUND = 6;
/** The attempts in a round of what is retried until it is known: about two minutes, then it is stuck. */
const PERSISTENT_ROUND = 10;

/** How one round of an operation is called. */
export interface Round {
  /** With `undo`: the code of what made the saga unwind, handed on to the participant. */
  readonly reason?: string;
  /** How long the call may wait for a worker, in milliseconds. */
  readonly noWorkerAfterMs: number;
  /** When the operation was first called, in epoch milliseconds. */
  readonly since: number;
  /** Whether an action is repeated that was answered before (S17): never inside the workflow task. */
  readonly again?: boolean;
}

/**
 * Runs one round of an entry's action (`do`), compensation (`undo`) or probe, and says how it ended.
 * @throws only what is not a Temporal failure: a programming error (S12).
 */
export async function attempt(state: SagaState, entry: Entry, op: Operation, round: Round): Promise<Outcome> {
  const { reason } = round;
  const { step, outcome, input } = entry;
  const activity = { do: step.action, undo: step.compensation, probe: step.probe }[op];
  if (activity === undefined) throw new Error(`${step.name} has nothing to ${op}`);
  const undo: Undo<unknown, unknown> = {
    input,
    ...(outcome?.kind === 'succeeded' && { output: outcome.output }),
    ...entry.correctedOutput,
  };
  const { namespace, workflowId } = workflowInfo();
  const sagaId = entry.sagaId ?? workflowId;
  const key = `${namespace}/${sagaId}/${entry.id}/${op === 'undo' ? 'undo' : 'do'}`;
  const call: StepCall = {
    namespace,
    sagaId,
    step: entry.id,
    op,
    key,
    ...(reason !== undefined && { reason }),
    ...(op === 'undo' && entry.corrected && { corrected: true }),
    ...(op === 'undo' && entry.correctedOutput && { correctedOutput: true }),
    ...(op === 'do' && { kind: step.kind, began: entry.began }),
    ...(op === 'do' && step.compensation !== undefined && { compensation: step.compensation }),
  };
  const argument = op === 'undo' ? undo : input;
  const bytes = jsonBytes(argument);
  const tooLarge =
    op === 'do'
      ? refuseSize(`the input of ${entry.id}`, bytes, MAX_PAYLOAD_BYTES)
      : // A nested saga's stack travels in parts.
        step.nested
        ? undefined
        : refuseSize(`what the ${op} of ${entry.id} is given`, bytes);
  // An action that was not called has not happened; only a step that must be done is stuck with it.
  if (tooLarge)
    return { kind: op === 'do' && step.kind !== 'retriable' ? 'refused' : 'unknown', failure: tooLarge };
  try {
    const inTask = op === 'do' && !round.again && state.express && runsInTask(step);
    // Each wait ends in another workflow task, for which all of it is asked again.
    for (;;) {
      if (inTask && !state.mayRunInTask(currentTask())) await recorded();
      else if (taskBudget.take(bytes)) break;
      else await taskBudget.next();
    }
    if (step.nested) {
      if (op === 'undo') return await reverseNested(entry, step.nested, call);
      return await runNested(entry, step.nested, call, state.ledger.nestedRuns[entry.id]);
    }
    const output = await activityOf(activity, entry, op, round, inTask)(argument, call);
    return { kind: 'succeeded', output };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    if (isUntaken(error)) return { kind: 'unknown', failure: untaken(entry, round) };
    return outcomeOf(error, op === 'do' ? [...step.refusals, ACTION_BLOCKED] : []);
  }
}

type Activity = (argument: unknown, call: StepCall) => Promise<unknown>;
type OperationOptions = ActivityOptions & { readonly startToCloseTimeout: Duration };

/** The activity that an operation is, where this saga's placement has it run. */
function activityOf(
  name: string,
  entry: Entry,
  op: Operation,
  { noWorkerAfterMs }: Round,
  inTask: boolean,
): Activity {
  const options = optionsOf(entry, op);
  // What another attempt would answer differently, or must not lose, is no local activity (decision 0009).
  if (inTask) return proxyLocalActivities<Activities>(options)[name] as Activity;
  const taskQueue = queueOf(entry);
  // A local activity has no heartbeat: its worker is the workflow's.
  const remote = {
    ...options,
    ...heartbeatOf(entry, op),
    taskQueue,
    scheduleToStartTimeout: noWorkerAfterMs,
  };
  return proxyActivities<Activities>(remote)[name] as Activity;
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

/** Ends the workflow task, which puts what it has accepted into the history. */
async function recorded(): Promise<void> {
  await sleep(1, { summary: 'records an Update before the next step' });
}

type Activities = Record<string, Activity>;

function optionsOf(entry: Entry, op: Operation): OperationOptions {
  const { step } = entry;
  const attempts = attemptsOf(entry, op);
  const forward = op !== 'undo' && step.kind !== 'pivot' && step.kind !== 'retriable';
  return {
    // A cancelled action is in flight until it has answered: nothing is undone before that (S3).
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
    startToCloseTimeout: attempts.startToClose ?? '10s',
    retry: {
      maximumAttempts: attempts.perRound ?? (forward ? FORWARD_ROUND : PERSISTENT_ROUND),
      initialInterval: attempts.firstPause ?? '500ms',
      maximumInterval: attempts.longestPause ?? '30s',
      backoffCoefficient: 2,
    },
    summary: summaryLine(`${PREFIX[op]}${entry.summary ?? entry.id}`),
  };
}

function heartbeatOf(entry: Entry, op: Operation): ActivityOptions {
  const { heartbeat } = attemptsOf(entry, op);
  return heartbeat === undefined ? {} : { heartbeatTimeout: heartbeat };
}

function attemptsOf({ step }: Entry, op: Operation): Attempts {
  return op === 'undo' ? step.compensationAttempts : step.attempts;
}

const PREFIX = { do: '', undo: 'undo: ', probe: 'probe: ' };
