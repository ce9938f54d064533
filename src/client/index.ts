export type { AuditOptions } from './audit';
export { SagaClientError, type SagaClientCode } from './errors';
export type { Advice, Finding, FindingCode, StandingEffect } from './finding';
export type { ListedSaga, SagaFilter } from './list';
export type { SagaOutcome } from './outcome';
export type { SagaRecords, StandingRecord } from './records';
export type { RescueSources, StartedRescue } from './rescue';
export { SagaClient, type SagaClientOptions, type StartedSaga } from './saga-client';
