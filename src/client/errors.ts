/** What a client of sagas may be told; each code is stable. */
export type SagaClientCode =
  /** The id belongs to a saga that was started with another input. Use another id. */
  | 'SAGA_ID_TAKEN'
  /** No saga has this id in this namespace, or its history is past the server's retention. */
  | 'SAGA_NOT_FOUND'
  /** The saga has ended, so it can be neither cancelled nor updated. */
  | 'SAGA_ENDED'
  /** The saga rejected an update; the message begins with its own code. */
  | 'UPDATE_REFUSED';

/** Thrown by {@link SagaClient}. Nothing was changed. */
export class SagaClientError extends Error {
  override readonly name = 'SagaClientError';
  constructor(
    readonly code: SagaClientCode,
    readonly sagaId: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
