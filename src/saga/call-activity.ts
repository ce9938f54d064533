import type { Duration } from '@temporalio/common';
import {
  type ActivityOptions,
  proxyActivities,
  proxyLocalActivities,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import type { Operation, StepCall, Undo } from './call';
import { runsInTask } from './core/express';
import type { Entry, Outcome } from './core/ledger';
import { jsonBytes, MAX_PAYLOAD_BYTES, refuseSize } from './core/payload-size';
import { summaryLine } from './markdown';
import { reverseNested, runNested } from './nested';
import { recordedPlacement } from './placement';
import { outcomeOf } from './read-failure';
import { summaryOf } from './report';
import { TaskBudget } from './task-budget';

/** One for each workflow: the sandbox gives each its own modules. */
const budget = new TaskBudget();

/** The attempts in a round of an action before the pivot: after them its outcome is unknown and the saga unwinds. */
const FORWARD_ROUND = 6;
/** The attempts in a round of what is retried until it is known: about two minutes, then it is stuck. */
const PERSISTENT_ROUND = 10;

/**
 * Runs one round of an entry's action (`do`), compensation (`undo`) or probe, and says how it ended.
 * @param reason with `undo`: the code of what made the saga unwind, handed on to the participant.
 * @throws only what is not a Temporal failure: a programming error (S12).
 */
export async function attempt(entry: Entry, op: Operation, reason?: string): Promise<Outcome> {
  const { step, outcome, input } = entry;
  const activity = { do: step.action, undo: step.compensation, probe: step.probe }[op];
  if (activity === undefined) throw new Error(`${step.name} has nothing to ${op}`);
  const undo: Undo<unknown, unknown> = {
    input,
    ...(outcome?.kind === 'succeeded' && { output: outcome.output }),
  };
  const sagaId = entry.sagaId ?? workflowInfo().workflowId;
  const key = `${sagaId}/${entry.id}/${op === 'undo' ? 'undo' : 'do'}`;
  const call: StepCall = {
    sagaId,
    step: entry.id,
    op,
    key,
    ...(reason !== undefined && { reason }),
    ...(op === 'undo' && entry.corrected && { corrected: true }),
    ...(op === 'do' && { kind: step.kind, began: entry.began }),
    ...(op === 'do' && step.compensation !== undefined && { compensation: step.compensation }),
  };
  const argument = op === 'undo' ? undo : input;
  const bytes = jsonBytes(argument);
  const tooLarge =
    op === 'do'
      ? refuseSize(`the input of ${entry.id}`, bytes, MAX_PAYLOAD_BYTES)
      : refuseSize(`what the ${op} of ${entry.id} is given`, bytes);
  // An action that was not called has not happened; only a step that must be done is stuck with it.
  if (tooLarge)
    return { kind: op === 'do' && step.kind !== 'retriable' ? 'refused' : 'unknown', failure: tooLarge };
  try {
    while (!budget.take(bytes)) await budget.next();
    if (step.nested) {
      const run = op === 'do' ? runNested : reverseNested;
      return await run(entry, step.nested, call);
    }
    const run = activityNamed(activity, entry, op);
    const output = await run(argument, call);
    return { kind: 'succeeded', output };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    return outcomeOf(error, op === 'do' ? step.refusals : []);
  }
}

type Activity = (argument: unknown, call: StepCall) => Promise<unknown>;
type OperationOptions = ActivityOptions & { readonly startToCloseTimeout: Duration };

/** The activity, where this saga's placement has it run. */
function activityNamed(name: string, entry: Entry, op: Operation): Activity {
  const { memo, taskQueue } = workflowInfo();
  const { participant } = entry.step;
  const options = optionsOf(entry, op);
  const placement = recordedPlacement(memo);
  // A compensation of an express saga must not be lost with its workflow task (decision 0009).
  const inTask = op === 'do' && runsInTask(entry.step);
  switch (placement === 'express' && !inTask ? 'saga-queue' : placement) {
    case 'participants':
      return proxyActivities<Activities>({ ...options, taskQueue: participant.taskQueue })[name] as Activity;
    case 'saga-queue':
      return proxyActivities<Activities>({ ...options, taskQueue })[name] as Activity;
    case 'express':
      return proxyLocalActivities<Activities>(options)[name] as Activity;
  }
}

type Activities = Record<string, Activity>;

function optionsOf(entry: Entry, op: Operation): OperationOptions {
  const { step } = entry;
  const attempts = op === 'undo' ? step.compensationAttempts : step.attempts;
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
    summary: summaryLine(`${PREFIX[op]}${summaryOf(entry) ?? entry.id}`),
  };
}

const PREFIX = { do: '', undo: 'undo: ', probe: 'probe: ' };
