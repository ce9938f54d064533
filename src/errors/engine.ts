import type { SagaErrorCode, UpdateErrorCode, UsageErrorCode } from '../saga/core/error-codes';
import type { ErrorEntry } from './entry';

export const sagaErrors: Record<SagaErrorCode, ErrorEntry> = {
  STEP_UNKNOWN: {
    from: 'a saga, as its reason; a rescue',
    meaning: 'The saga unwound because the outcome of one of its steps is unknown.',
    retriedBy: 'nobody',
    remedy: 'The report names the step and its failure. To try again, start a new saga under another id.',
  },
  CANCELLED: {
    from: 'a saga, as its reason; a step',
    meaning: 'The saga, or a step while it ran, was cancelled by request.',
    retriedBy: 'nobody',
    remedy: 'Nothing: the saga has been undone.',
  },
  DEADLINE_EXCEEDED: {
    from: 'a saga, as its reason',
    meaning: 'The saga’s deadline passed before its pivot.',
    retriedBy: 'nobody',
    remedy: 'Start a new saga under another id, or give the definition a longer deadline.',
  },
  ABANDONED: {
    from: 'a saga, as its reason',
    meaning: 'An operator abandoned the saga before its pivot.',
    retriedBy: 'nobody',
    remedy: 'Nothing: the saga has been undone. The report says who abandoned it and why.',
  },
  HISTORY_LIMIT: {
    from: 'a saga, as its reason; a step; continueAsNew',
    meaning:
      'The history, or what continueAsNew hands over, came near the size at which the server terminates a workflow, so the saga unwound.',
    retriedBy: 'nobody',
    remedy:
      'Split the saga into nested sagas, call continueAsNew earlier, or make inputs and outputs smaller.',
  },
  NO_WORKER: {
    from: 'a step',
    meaning:
      'No worker took the operation from its task queue in time (stuck.scheduleToStartTimeout), so the saga is stuck. It continues when a worker comes.',
    retriedBy: 'itself',
    remedy: 'Start the workers of the task queue that the message names, or intervene.',
  },
  RESET_AFTER_UNDO: {
    from: 'a saga, as its reason; a step after the pivot',
    meaning:
      'The workflow was reset to a point before its steps were undone. Continuing would complete it with nothing done.',
    retriedBy: 'nobody',
    remedy:
      'Before the pivot, nothing: the saga has been undone; start a new one under another id. After the pivot the saga is stuck: check which effects remain, then resolve the step or terminate the saga.',
  },
  RESET_PAST_PIVOT: {
    from: 'a step of an earlier run, after a reset',
    meaning:
      'The saga was reset and unwinds, but an earlier run passed its pivot, or may have. A person must decide whether the pivot is final.',
    retriedBy: 'nobody',
    remedy:
      'Intervene: retry compensates the pivot if it declares a compensation, resolve states that it was undone by hand, skip leaves its effect in place. The rest is undone afterwards.',
  },
  UNSAFE_TIMEOUT: {
    from: 'a saga at its start',
    meaning:
      'The saga was started with a workflow timeout, which would kill its compensations. It did nothing.',
    retriedBy: 'nobody',
    remedy: 'Start it without one. For a deadline, set deadline in its definition.',
  },
  UNSAFE_CRON: {
    from: 'a saga at its start',
    meaning:
      'The saga was started with a cron schedule, which reuses the workflow id and so the keys of the steps. It did nothing.',
    retriedBy: 'nobody',
    remedy:
      'Start it from a Temporal Schedule (SagaClient.scheduleAction), which gives each start its own id.',
  },
  CONTINUED_WITHOUT_SAGA: {
    from: 'a saga at its start',
    meaning:
      'The workflow was continued as new outside a saga, so the keys of its steps are already used. The saga did nothing in this run.',
    retriedBy: 'nobody',
    remedy:
      'Call continueAsNew in the saga’s body: then the engine carries over what was done. What the earlier run did is not undone; run the audit.',
  },
  RESCUED: {
    from: 'a rescue, as the reason that its compensations get',
    meaning: 'The saga ended without unwinding, and a rescue undoes it.',
    retriedBy: 'nobody',
    remedy: 'Nothing.',
  },
  REVERSED: {
    from: 'a reverse, as the reason that its compensations get',
    meaning: 'The whole saga is undone by request.',
    retriedBy: 'nobody',
    remedy: 'Nothing.',
  },
  TIMEOUT: {
    from: 'a step',
    meaning: 'No attempt of the step answered in time, so it is not known whether the step happened.',
    retriedBy: 'itself',
    remedy: 'Find out why the participant is slow, or why its workers are down.',
  },
  FAILED: {
    from: 'a step, a saga',
    meaning: 'The step failed with an error that has no code.',
    retriedBy: 'itself',
    remedy: 'Read the message and the participant’s log. Give the error a code.',
  },
  NEVER_HAPPENED: {
    from: 'a step with a probe',
    meaning:
      'The outcome of the step was unknown, and its probe reports that it never happened. There is nothing to undo.',
    retriedBy: 'nobody',
    remedy: 'Nothing.',
  },
  NESTED_ENDED_BY_FORCE: {
    from: 'a nested saga',
    meaning:
      'The nested saga was terminated, timed out, or failed without unwinding, so its effects may remain.',
    retriedBy: 'operator',
    remedy: 'Rescue the nested saga, then resolve the step.',
  },
  NESTED_STARTED_BEFORE: {
    from: 'a nested saga',
    meaning:
      'The nested saga was started by an earlier run of its parent, which was reset while the nested saga ran, or its id belongs to another workflow. This run can neither wait for it nor reverse it.',
    retriedBy: 'operator',
    remedy: 'Cancel the nested saga if it is running; reverse it if it has completed. Then resolve the step.',
  },
  NESTED_IRREVERSIBLE: {
    from: 'a nested saga',
    meaning: 'The nested saga has passed a pivot that declares no compensation, so it cannot be reversed.',
    retriedBy: 'operator',
    remedy: 'Undo it by hand and resolve the step, or skip the step.',
  },
  NESTED_STACK_MISSING: {
    from: 'a nested saga',
    meaning:
      'The compensation stack of the nested saga is too large for the history of its parent, so the parent cannot reverse it.',
    retriedBy: 'operator',
    remedy: 'Reverse the nested saga with the client, then resolve the step.',
  },
  STACK_INCOMPLETE: {
    from: 'a rescue or reverse',
    meaning:
      'The compensation stack is sent in parts, and not all of them arrived within ten minutes. Nothing was undone.',
    retriedBy: 'caller',
    remedy: 'Run the same rescue or reverse again. The audit finds the saga too.',
  },
  PAYLOAD_TOO_LARGE: {
    from: 'a step',
    meaning: 'The operation’s argument is larger than the size limit, so it was not called and did nothing.',
    retriedBy: 'operator',
    remedy:
      'Pass a reference to the data instead of the data. If the step is stuck, retry it with a smaller value, or do it by hand and resolve it.',
  },
};

export const updateErrors: Record<UpdateErrorCode, ErrorEntry> = {
  DESK_INVALID: {
    from: 'an operator intervention',
    meaning: 'A field of the intervention is missing or malformed.',
    retriedBy: 'nobody',
    remedy: 'Correct what the message names.',
  },
  DESK_NOT_STUCK: {
    from: 'an operator intervention',
    meaning: 'The step is not stuck, or no longer.',
    retriedBy: 'nobody',
    remedy: 'Read the report: the step may have continued by itself.',
  },
  DESK_NESTED: {
    from: 'an operator intervention',
    meaning: 'The step is a nested saga that is stuck itself.',
    retriedBy: 'nobody',
    remedy: 'Intervene at the saga that the message names.',
  },
  DESK_DECIDED: {
    from: 'an operator intervention',
    meaning: 'Another intervention for the step has just been accepted.',
    retriedBy: 'nobody',
    remedy: 'Read the report. Decide again if the step becomes stuck again.',
  },
  DESK_NOT_POSSIBLE: {
    from: 'an operator intervention',
    meaning: 'The intervention does not fit the step or the state of the saga.',
    retriedBy: 'nobody',
    remedy: 'The message says why. Use another intervention.',
  },
  DESK_SAME_ACTOR: {
    from: 'an operator intervention',
    meaning: 'The actor who proposed a skip cannot confirm it.',
    retriedBy: 'nobody',
    remedy: 'Have another operator confirm it.',
  },
  MILESTONE_INVALID: {
    from: 'startUntil',
    meaning: 'The name of the milestone is not a string.',
    retriedBy: 'nobody',
    remedy: 'Give the name of a milestone that the saga reaches.',
  },
};

export const usageErrors: Record<UsageErrorCode, ErrorEntry> = {
  STEP_AFTER_PIVOT: {
    from: 'the body of a saga',
    meaning: 'The body began a step of a kind that runs before the pivot, or a save-point, after the pivot.',
    retriedBy: 'deployment',
    remedy: 'Correct the body. Until then nothing is undone.',
  },
  SECOND_PIVOT: {
    from: 'the body of a saga',
    meaning: 'The body began a second pivot.',
    retriedBy: 'deployment',
    remedy: 'Correct the body: steps after the pivot are retriable.',
  },
  PIVOT_WITH_STEPS_IN_FLIGHT: {
    from: 'the body of a saga',
    meaning: 'The body began its pivot while a step was running or a save-point was open.',
    retriedBy: 'deployment',
    remedy: 'Correct the body: await them before the pivot.',
  },
  SECOND_SAGA: {
    from: 'a workflow',
    meaning: 'The workflow began a second saga, whose steps would have the keys of the first.',
    retriedBy: 'deployment',
    remedy: 'Make the second one a nested saga, or start it as a workflow of its own.',
  },
  PRELOADED_WITHOUT_INTERCEPTORS: {
    from: 'a workflow',
    meaning:
      'The bundle loads the engine once for all workflows, and does not have it see what comes to each of them.',
    retriedBy: 'deployment',
    remedy: 'Give the worker, or `bundleWorkflowCode`, the plugin `sagaBundling`, which does both.',
  },
  HISTORY_FULL: {
    from: 'a workflow',
    meaning:
      'A saga past its pivot has used up its history. Its workflow task fails, because the server would terminate the workflow otherwise.',
    retriedBy: 'deployment',
    remedy:
      'Call continueAsNew earlier in the body. This saga: finish it by hand and terminate it, or terminate and reverse it.',
  },
  CANNOT_CONTINUE: {
    from: 'a workflow',
    meaning:
      'A saga continued as new while a step was running or a save-point was open, after its end, or as another workflow. Its state would have been lost.',
    retriedBy: 'deployment',
    remedy:
      'Await every step first, and continue in the body as the same workflow. Start another workflow as a nested saga.',
  },
  FAILED_AFTER_PIVOT: {
    from: 'the body of a saga',
    meaning: 'The body failed after its pivot, where nothing can be undone.',
    retriedBy: 'deployment',
    remedy: 'Correct the body: after the pivot it must succeed.',
  },
};
