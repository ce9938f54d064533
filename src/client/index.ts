export { SagaClientError, type SagaClientCode } from './errors';
export type { SagaOutcome } from './outcome';
export type { StartedRescue } from './rescue';
export { type ListedSaga, SagaClient, type SagaClientOptions, type StartedSaga } from './saga-client';
