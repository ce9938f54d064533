/** Why a saga unwound, a step did not succeed, or a saga did not begin. docs/errors.md explains each. */
export type SagaErrorCode =
  | 'STEP_UNKNOWN'
  | 'CANCELLED'
  | 'DEADLINE_EXCEEDED'
  | 'ABANDONED'
  | 'HISTORY_LIMIT'
  | 'NO_WORKER'
  | 'RESET_AFTER_UNDO'
  | 'RESET_PAST_PIVOT'
  | 'UNSAFE_TIMEOUT'
  | 'UNSAFE_CRON'
  | 'CONTINUED_WITHOUT_SAGA'
  | 'RESCUED'
  | 'REVERSED'
  | 'TIMEOUT'
  | 'FAILED'
  | 'NEVER_HAPPENED'
  | 'NESTED_ENDED_BY_FORCE'
  | 'NESTED_STARTED_BEFORE'
  | 'NESTED_IRREVERSIBLE'
  | 'NESTED_STACK_MISSING'
  | 'STACK_INCOMPLETE'
  | 'PAYLOAD_TOO_LARGE';

/** Why an Update of a saga was rejected. Nothing was changed. */
export type UpdateErrorCode =
  | 'DESK_INVALID'
  | 'DESK_NOT_STUCK'
  | 'DESK_NESTED'
  | 'DESK_DECIDED'
  | 'DESK_NOT_POSSIBLE'
  | 'DESK_SAME_ACTOR'
  | 'MILESTONE_INVALID';

/** How a workflow used the engine against its grammar (S12). */
export type UsageErrorCode =
  | 'STEP_AFTER_PIVOT'
  | 'SECOND_PIVOT'
  | 'PIVOT_WITH_STEPS_IN_FLIGHT'
  | 'FAILED_AFTER_PIVOT'
  | 'SECOND_SAGA'
  | 'PRELOADED_WITHOUT_INTERCEPTORS'
  | 'HISTORY_FULL'
  | 'CANNOT_CONTINUE';
