export type { AttemptReport, LiveReport, LiveStep } from './attempts';
export type { AuditOptions } from './audit';
export {
  actOnMany,
  actOnSaga,
  type ActOptions,
  type BulkAct,
  type BulkOptions,
  type BulkResult,
  type BulkVerb,
  bulkVerbs,
  type SagaAct,
} from './bulk';
export type { SagaCounts } from './count';
export type { DescribedSaga, PendingOperation } from './describe-saga';
export { SagaClientError, type SagaClientCode } from './errors';
export type { Advice, Finding, FindingCode, RemainingEffect } from './finding';
export type { ListedSaga, SagaFilter, SagaPage } from './list';
export type { SagaOutcome } from './outcome';
export type { RemainingRecord, UndoneRecord } from '../saga/call';
export type { SagaCall, SagaPayloads } from './read-payloads';
export type { SagaRecords } from './records';
export type { RescueSources, StartedRescue } from './rescue';
export { type SagaState, sagaStates } from './saga-state';
export { sagaActivities } from './saga-activities';
export { SagaClient, type SagaClientOptions, type StartedSaga } from './saga-client';
