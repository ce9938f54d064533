import type { SagaErrorCode, UpdateErrorCode, UsageErrorCode } from '../saga/core/error-codes';
import type { ErrorEntry } from './entry';

export const sagaErrors: Record<SagaErrorCode, ErrorEntry> = {
  STEP_UNKNOWN: {
    from: 'a saga, as its reason; a rescue',
    meaning: 'The saga unwound because nobody knows whether one of its steps happened.',
    retriedBy: 'nobody',
    remedy: 'Look into the report for the step and its failure; start the business anew under another id.',
  },
  CANCELLED: {
    from: 'a saga, as its reason; a step',
    meaning: 'The saga, or a step while it ran, was cancelled by request.',
    retriedBy: 'nobody',
    remedy: 'Nothing: it is undone.',
  },
  DEADLINE_EXCEEDED: {
    from: 'a saga, as its reason',
    meaning: 'The deadline of the saga passed before its pivot.',
    retriedBy: 'nobody',
    remedy: 'Start anew under another id, or give its definition a longer deadline.',
  },
  ABANDONED: {
    from: 'a saga, as its reason',
    meaning: 'An operator gave the saga up before its pivot.',
    retriedBy: 'nobody',
    remedy: 'Nothing: it is undone. The report says who and why.',
  },
  HISTORY_LIMIT: {
    from: 'a saga, as its reason',
    meaning:
      'The history came near the size at which the server ends a workflow, so the saga unwound in time.',
    retriedBy: 'nobody',
    remedy: 'Split the saga into nested ones, or make what it passes on smaller.',
  },
  NO_WORKER: {
    from: 'a step',
    meaning:
      'No worker took the operation from its task queue in time, so the saga is stuck there. It waits on, and goes on when a worker comes.',
    retriedBy: 'itself',
    remedy: 'Start the workers of the task queue that the message names, or decide at the desk.',
  },
  RESET_AFTER_UNDO: {
    from: 'a saga, as its reason; a step after the pivot',
    meaning:
      'The workflow was reset to a point before its steps were undone, so going on would complete it with nothing done.',
    retriedBy: 'nobody',
    remedy:
      'Before the pivot nothing: it is undone; start anew under another id. After it the saga is stuck: see what is left, then resolve the step or terminate the saga.',
  },
  RESET_PAST_PIVOT: {
    from: 'a step of an earlier run that is stuck, after a reset',
    meaning:
      'The saga was reset and unwinds, but a run before the reset has passed its pivot, or may have. Nobody but a person can say whether that is final.',
    retriedBy: 'nobody',
    remedy:
      'At the desk: retry compensates the pivot, if it declares a compensation; resolve says that it was undone by hand; skip leaves it. The rest is undone after that.',
  },
  UNSAFE_TIMEOUT: {
    from: 'a saga at its start',
    meaning:
      'It was started with a workflow timeout of the server, which would kill its compensations. It did nothing.',
    retriedBy: 'nobody',
    remedy: 'Start it without one; for a deadline, set deadline in its definition.',
  },
  UNSAFE_CRON: {
    from: 'a saga at its start',
    meaning:
      'It was started with a cron schedule, which repeats its id and so the keys of its steps. It did nothing.',
    retriedBy: 'nobody',
    remedy: 'Start it from a Temporal Schedule, which gives each start an id of its own.',
  },
  CONTINUED_WITHOUT_SAGA: {
    from: 'a saga at its start',
    meaning:
      'Its workflow was continued as new outside a saga, so the keys of its steps are used. It did nothing in this run.',
    retriedBy: 'nobody',
    remedy:
      "Continue as new in the saga's body: then the engine carries over what was done. What the run before did is not undone: see the audit.",
  },
  RESCUED: {
    from: 'a rescue, as the reason that participants get',
    meaning: 'The saga was ended by force, and a rescue undoes it.',
    retriedBy: 'nobody',
    remedy: 'Nothing.',
  },
  REVERSED: {
    from: 'a reverse, as the reason that participants get',
    meaning: 'All of the saga is taken back by request.',
    retriedBy: 'nobody',
    remedy: 'Nothing.',
  },
  TIMEOUT: {
    from: 'a step',
    meaning: 'No attempt of the step answered in time, so nobody knows whether it happened.',
    retriedBy: 'itself',
    remedy: 'See why the participant is slow or its workers are down.',
  },
  FAILED: {
    from: 'a step, a saga',
    meaning: 'It failed with an error that has no code of its own.',
    retriedBy: 'itself',
    remedy: 'Read the message and the log of the participant; give the error a code.',
  },
  NEVER_HAPPENED: {
    from: 'a step with a probe',
    meaning: 'Its outcome was unknown, and its probe says that it never happened: nothing is to be undone.',
    retriedBy: 'nobody',
    remedy: 'Nothing.',
  },
  NESTED_ENDED_BY_FORCE: {
    from: 'a nested saga',
    meaning: 'The saga that is the step was ended by force, so what it did may remain.',
    retriedBy: 'operator',
    remedy: 'Rescue the nested saga, then resolve the step at the desk.',
  },
  NESTED_STARTED_BEFORE: {
    from: 'a nested saga',
    meaning:
      'The saga that is the step was started before: by an earlier run of its parent, which was reset while it ran, or by someone else. This run can neither wait for it nor reverse it.',
    retriedBy: 'operator',
    remedy:
      'Cancel the nested saga if it runs; reverse it if it has completed. Then resolve the step at the desk.',
  },
  NESTED_IRREVERSIBLE: {
    from: 'a nested saga',
    meaning:
      'The saga that is the step has passed a pivot that declares no compensation, so it cannot be reversed.',
    retriedBy: 'operator',
    remedy: 'Take it back by hand, then resolve or skip the step at the desk.',
  },
  NESTED_STACK_MISSING: {
    from: 'a nested saga',
    meaning:
      'The compensation stack of the saga that is the step is larger than the history of its parent can take, so the parent cannot reverse it.',
    retriedBy: 'operator',
    remedy: 'Reverse the nested saga with the client, then resolve the step at the desk.',
  },
  STACK_INCOMPLETE: {
    from: 'a rescue or reverse',
    meaning:
      'The saga’s compensation stack is sent in parts, and not all of them arrived within ten minutes. Nothing was undone.',
    retriedBy: 'caller',
    remedy: 'Rescue or reverse the saga again; the audit finds it as well.',
  },
  PAYLOAD_TOO_LARGE: {
    from: 'a step',
    meaning: 'What it would be given is too large for the server, so it was not called and did nothing.',
    retriedBy: 'operator',
    remedy:
      'Pass on where the data is, not the data. A stuck step: retry with a smaller input, or do it by hand.',
  },
};

export const updateErrors: Record<UpdateErrorCode, ErrorEntry> = {
  DESK_INVALID: {
    from: 'the desk',
    meaning: 'Something is missing in the decision or of the wrong form.',
    retriedBy: 'nobody',
    remedy: 'The message says what; decide again.',
  },
  DESK_NOT_STUCK: {
    from: 'the desk',
    meaning: 'The step is not stuck, or not any more.',
    retriedBy: 'nobody',
    remedy: 'Look at the report: it may have got through by itself.',
  },
  DESK_NESTED: {
    from: 'the desk',
    meaning: 'The step is a saga of its own, which is stuck itself.',
    retriedBy: 'nobody',
    remedy: 'Decide at the desk of the saga that the message names.',
  },
  DESK_DECIDED: {
    from: 'the desk',
    meaning: 'Another decision about the step has just been accepted.',
    retriedBy: 'nobody',
    remedy: 'Look at the report; decide again if it becomes stuck again.',
  },
  DESK_NOT_POSSIBLE: {
    from: 'the desk',
    meaning: 'The verb does not fit the step, or the saga as it stands.',
    retriedBy: 'nobody',
    remedy: 'Use another verb; the message says which make sense.',
  },
  DESK_SAME_ACTOR: {
    from: 'the desk',
    meaning: 'A skip must be confirmed by someone else than who proposed it.',
    retriedBy: 'nobody',
    remedy: 'Have another operator confirm it.',
  },
  MILESTONE_INVALID: {
    from: 'a saga, to who waits for a milestone',
    meaning: 'The milestone is not named by a text.',
    retriedBy: 'nobody',
    remedy: 'Name one that the saga reaches.',
  },
};

export const usageErrors: Record<UsageErrorCode, ErrorEntry> = {
  STEP_AFTER_PIVOT: {
    from: 'the body of a saga',
    meaning: 'It began a step, or a save-point, that belongs before the pivot when the pivot was passed.',
    retriedBy: 'deployment',
    remedy: 'Correct the body. Nothing is undone meanwhile.',
  },
  SECOND_PIVOT: {
    from: 'the body of a saga',
    meaning: 'It began a second pivot.',
    retriedBy: 'deployment',
    remedy: 'Correct the body: what comes after the pivot is retriable.',
  },
  PIVOT_WITH_STEPS_IN_FLIGHT: {
    from: 'the body of a saga',
    meaning: 'It began its pivot while a step ran or a save-point was open.',
    retriedBy: 'deployment',
    remedy: 'Correct the body: await them first.',
  },
  SECOND_SAGA: {
    from: 'a workflow',
    meaning: 'A workflow began a second saga, whose steps would have the keys of the first.',
    retriedBy: 'deployment',
    remedy: 'Make the second one a nested saga, or start it as a workflow of its own.',
  },
  HISTORY_FULL: {
    from: 'a workflow',
    meaning:
      'A saga past its pivot has used up its history, so it could not go on before the server ended it.',
    retriedBy: 'deployment',
    remedy:
      'Have the body continue as new in time. This saga: finish it by hand and terminate it, or reverse it.',
  },
  CANNOT_CONTINUE: {
    from: 'a workflow',
    meaning:
      'A saga continued as new while a step ran or a save-point was open, after its end, or as another workflow: what was done would be lost.',
    retriedBy: 'deployment',
    remedy:
      'Await every step before, and continue in the body as the same workflow; start another one as a nested saga.',
  },
  FAILED_AFTER_PIVOT: {
    from: 'the body of a saga',
    meaning: 'It failed after its pivot, where nothing can unwind.',
    retriedBy: 'deployment',
    remedy: 'Correct the body: after the pivot it may only go forward.',
  },
};
