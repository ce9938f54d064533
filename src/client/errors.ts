/** What a client of sagas may be told; each code is stable. */
export type SagaClientCode =
  /** The id belongs to a saga that was started with another input. Use another id. */
  | 'SAGA_ID_TAKEN'
  /** No saga can have this id: it is empty, too long, ends as that of a rescue, or holds what a database cannot keep. */
  | 'SAGA_ID_INVALID'
  /** What is to be sent cannot be written as JSON. */
  | 'INPUT_NOT_JSON'
  /** What is to be sent is larger than the server takes. */
  | 'INPUT_TOO_LARGE'
  /** The definition gives the saga a priority that the server would refuse or change. */
  | 'PRIORITY_INVALID'
  /** No saga has this id in this namespace, or its history is past the server's retention. */
  | 'SAGA_NOT_FOUND'
  /** The saga has ended, so it can be neither cancelled nor updated. */
  | 'SAGA_ENDED'
  /** The saga still runs, so it undoes itself where that is due. Cancel it, or wait until it has ended. */
  | 'SAGA_RUNNING'
  /** The saga ended as it promised, or did nothing: there is nothing to rescue or to reverse. */
  | 'NOTHING_TO_UNDO'
  /** The saga was ended after its pivot had begun, and the pivot may have happened. Reverse it explicitly. */
  | 'PIVOT_PASSED'
  /** The saga's pivot has or may have happened and has no compensation, so the saga cannot be reversed. */
  | 'PIVOT_IRREVERSIBLE'
  /** The id of the rescue or reverse belongs to a workflow that does not undo this saga. */
  | 'RESCUE_ID_TAKEN'
  /** The saga was reset, and the rescue or reverse of an earlier run of it still runs. Wait for that, and repeat. */
  | 'RESCUE_OF_EARLIER_RUN'
  /** The saga's history was written by a version that did not keep there what it takes to undo it. */
  | 'HISTORY_TOO_OLD'
  /** The saga was reset, and the history of a run before that is gone. Look what it did, and undo by hand. */
  | 'EARLIER_RUN_UNREADABLE'
  /** The saga ran its steps as local activities, and the client was given no records of the participants. */
  | 'RECORDS_NEEDED'
  /** The saga rejected an update; the message begins with its own code. */
  | 'UPDATE_REFUSED'
  /** The saga did not answer in time: no worker of it is up, it has not come to that point, or the server does not ask it. */
  | 'NO_ANSWER';

/** Thrown by {@link SagaClient}. Nothing was changed, unless the code is `NO_ANSWER`: then it is not known. */
export class SagaClientError extends Error {
  override readonly name = 'SagaClientError';
  /** In how many milliseconds the same may succeed, where that is known: for a saga that has only just been ended. */
  readonly retryAfterMs: number | undefined;
  constructor(
    readonly code: SagaClientCode,
    readonly sagaId: string,
    message: string,
    options: ErrorOptions & { readonly retryAfterMs?: number } = {},
  ) {
    super(message, options);
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * What may still change, for so long.
 * @param what is under way, without a full stop.
 */
export function askAgain(sagaId: string, what: string, ms: number): SagaClientError {
  const message = `${what}: ask again in ${Math.ceil(ms / 1_000)} s`;
  return new SagaClientError('SAGA_RUNNING', sagaId, message, { retryAfterMs: ms });
}
