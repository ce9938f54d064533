import type { WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import type { SagaReport, StepReport } from '../saga/report';

/** The attempt at which an activity is, as the server tells of it. */
export interface AttemptReport {
  /** From 1 on, in this round. */
  readonly number: number;
  /** The attempts of the round; absent when they are not limited. */
  readonly of?: number;
  readonly state: 'waits for a worker' | 'runs' | 'waits for its time';
  /** When it was handed out, or, while it waits, when it can be; ISO 8601. */
  readonly at?: string;
  /** Why the attempt before it failed. */
  readonly lastFailure?: string;
}

/** A saga's report with what only the server knows of a step that is under way. */
export type LiveReport = Omit<SagaReport, 'steps'> & { readonly steps: readonly LiveStep[] };
/** A step of a {@link LiveReport}. */
export type LiveStep = StepReport & { readonly attempt?: AttemptReport };

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

const STARTED = 2;

/**
 * Adds to the steps of a report the attempts that their activities are at. Activities are told apart by their type, and those of
 * one type by the order in which they were scheduled; where that is not sure, nothing is added.
 */
export function addAttempts(report: SagaReport, pending: readonly Pending[], now: number): LiveReport {
  const inOrder = [...pending].sort((a, b) => Number(a.activityId) - Number(b.activityId));
  const steps = report.steps.map((step) => {
    if (step.activity === undefined) return step;
    const same = report.steps.filter(({ activity }) => activity === step.activity);
    const held = inOrder.filter(({ activityType }) => activityType?.name === step.activity);
    const found = same.length === held.length ? held[same.indexOf(step)] : undefined;
    return found ? { ...step, attempt: attemptOf(found, now) } : step;
  });
  return { ...report, steps };
}

function attemptOf(
  { attempt, maximumAttempts, state, scheduledTime, lastStartedTime, lastFailure }: Pending,
  now: number,
): AttemptReport {
  const started = Number(state) >= STARTED;
  const at = optionalTsToMs(started ? lastStartedTime : scheduledTime);
  const waits = at !== undefined && at > now ? 'waits for its time' : 'waits for a worker';
  return {
    number: attempt ?? 1,
    ...(maximumAttempts && { of: maximumAttempts }),
    state: started ? 'runs' : waits,
    ...(at !== undefined && { at: new Date(at).toISOString() }),
    ...(lastFailure?.message && { lastFailure: lastFailure.message }),
  };
}
