import type { ParticipantErrorCode } from '../participant/error-codes';
import type { ErrorEntry } from './entry';

export const participantErrors: Record<ParticipantErrorCode, ErrorEntry> = {
  INVALID_INPUT: {
    from: 'an activity',
    meaning: 'The input or the call does not match the contract. Nothing was changed.',
    retriedBy: 'nobody',
    remedy:
      'The message names each problem. If caller and participant run different versions, finish the deployment. If a compensation cannot read what its action stored, declare stored in the contract, or retry with a corrected input or output.',
  },
  ANSWER_NOT_JSON: {
    from: 'an activity',
    meaning:
      'The answer of the action does not survive JSON, so its compensation could not read it. Nothing was changed.',
    retriedBy: 'nobody',
    remedy:
      'Return plain data that the output schema accepts unchanged: a date as an ISO string, no NaN, no Map.',
  },
  ANSWER_TOO_LARGE: {
    from: 'an activity',
    meaning:
      'The answer of the action is larger than the size limit. It was rolled back: nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Return a reference to the data instead of the data.',
  },
  ACTION_BLOCKED: {
    from: 'the barrier',
    meaning: 'The action arrived after its compensation, so it must not run. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Nothing, if the saga has unwound. If the saga id was used before, use another one.',
  },
  KEY_CONFLICT: {
    from: 'the barrier',
    meaning: 'The key of this call was used before, with another input. Nothing was changed.',
    retriedBy: 'nobody',
    remedy:
      'Use another saga id or another step name. If a compensation fails with it, find out which action used the key.',
  },
  DATABASE_ERROR: {
    from: 'an activity',
    meaning: 'PostgreSQL reported an error; the message has its SQLSTATE. The transaction was rolled back.',
    retriedBy: 'itself',
    remedy:
      'Check the database. Errors that the same data causes again (classes 22, 23 and 54) are not retried.',
  },
  DATABASE_UNAVAILABLE: {
    from: 'an activity',
    meaning:
      'PostgreSQL did not answer: it cannot be reached, the connection was lost, or a statement timed out. A commit may have happened; the next attempt learns it from the barrier’s row.',
    retriedBy: 'itself',
    remedy: 'Check that the database, or the pooler in front of it, is up.',
  },
};
