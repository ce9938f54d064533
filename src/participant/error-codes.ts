/** What an activity behind the barrier may fail with besides its service's own codes. Meanings: docs/errors.md. */
export type ParticipantErrorCode =
  | 'INVALID_INPUT'
  | 'ANSWER_NOT_JSON'
  | 'ANSWER_TOO_LARGE'
  | 'ACTION_BLOCKED'
  | 'KEY_CONFLICT'
  | 'DATABASE_ERROR'
  | 'DATABASE_UNAVAILABLE';
