import type { ParticipantErrorCode } from './error-codes';

/**
 * What a participant throws when the same call repeated could not succeed either. Unlike a refusal it is
 * no answer to the business question: the orchestrator must treat the step's outcome as unknown.
 */
export class ParticipantError extends Error {
  override readonly name: string = 'ParticipantError';

  /** @param code stable UPPER_SNAKE code, which becomes the failure's type. */
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** The action comes after its compensation, whether that found it done (B8) or not (B4), and must not act any more. */
export class ActionBlocked extends ParticipantError {
  override readonly name = 'ActionBlocked';

  constructor(key: string) {
    super(
      'ACTION_BLOCKED' satisfies ParticipantErrorCode,
      `${key}: this call comes after its compensation, so the action may not run any more; nothing was changed`,
    );
  }
}

/** The key was used before, with another input (B5). */
export class KeyConflict extends ParticipantError {
  override readonly name = 'KeyConflict';

  constructor(key: string) {
    super(
      'KEY_CONFLICT' satisfies ParticipantErrorCode,
      `${key}: a key stands for one input, and this one was used with another; nothing was changed. ` +
        'Use a new saga id, or another step name',
    );
  }
}

/**
 * The database gave no answer: it cannot be reached, the connection was lost, or its limit passed. A later attempt may
 * succeed. Whether a COMMIT that was not answered happened is unknown; the barrier's row tells the next attempt (B1).
 */
export class DatabaseUnavailable extends Error {
  override readonly name = 'DatabaseUnavailable';
  readonly code = 'DATABASE_UNAVAILABLE' satisfies ParticipantErrorCode;

  /** @param cause what the driver threw; its message names host and port at most. */
  constructor(cause: unknown) {
    const { message, code } = cause as NodeJS.ErrnoException;
    // Node gives no message when every address of a name was refused.
    super(`no answer from the database: ${message || code || String(cause)}`, { cause });
  }
}
