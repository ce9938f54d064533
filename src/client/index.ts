export type { AuditOptions } from './audit';
export { SagaClientError, type SagaClientCode } from './errors';
export type { Advice, Finding, FindingCode, StandingEffect } from './finding';
export type { ListedSaga, SagaFilter } from './list';
export type { SagaOutcome } from './outcome';
export type { SagaRecords, StandingRecord, UndoneRecord } from './records';
export type { RescueSources, StartedRescue } from './rescue';
export { type SagaState, sagaStates } from './saga-state';
export { SagaClient, type SagaClientOptions, type StartedSaga } from './saga-client';
