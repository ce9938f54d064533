/** The saga engine. Imports nothing but the Temporal SDK: it is usable alone. */
import './attach';

export type { Action, Compensation, Operation, Probe, Probed, StepCall, Undo } from './call';
export type { StepKind } from './core/step';
export { defineSaga, type SagaDefinition } from './definition';
export type { StuckPolicy } from './stuck-policy';
export {
  ABANDONED,
  CANCELLED,
  DEADLINE_EXCEEDED,
  type Failure,
  HISTORY_LIMIT,
  SagaUsageError,
  STEP_UNKNOWN,
  UNSAFE_TIMEOUT,
} from './core/failures';
export type { UsageErrorCode } from './core/error-codes';
export { refusal, StepRefused, StepUnknown } from './failures';
export type { DeskAct, DeskDecision, ResolveDecision, RetryDecision, Signature } from './core/decisions';
export { abandonSaga, resolveStep, retryStep, skipStep } from './handlers';
export { awaitMilestone, type MilestoneAnswer } from './milestone';
export {
  type CompensationsFor,
  type InputOf,
  type OutputOf,
  participant,
  type Participant,
  type ParticipantActivities,
  type ProbesFor,
} from './participant';
export {
  type InterruptionReport,
  reportQuery,
  type SagaReport,
  type SagaStatus,
  type StepReport,
  type StepState,
  type WaitReport,
} from './report';
export { type Placement, placements } from './memo';
export { rescueSaga } from './rescue';
export { type RescueEntry, type RescueInput, type RescueWhy, RESCUED, REVERSED } from './rescue-entry';
export { runSaga } from './run-saga';
export { type PreviewedUndo, type UndoPreview, undoPreviewQuery } from './undo-preview';
export type { Attempt, Committed, Saga, SagaScope } from './saga';
export {
  SagaReason,
  sagaSearchAttributes,
  SagaStatus as sagaStatusAttribute,
  type SagaStatusValue,
  SagaStuckStep,
} from './search-attributes';
export {
  type AnyStep,
  compensatable,
  type ForwardKind,
  irreversible,
  nested,
  type NestedSaga,
  type NestedStep,
  type OperationOptions,
  type OperationRetryPolicy,
  pivot,
  readOnly,
  type RefusableDeclaration,
  retriable,
  type Step,
  type StepDeclaration,
  type StepOf,
} from './step';
