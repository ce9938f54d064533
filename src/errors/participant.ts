import type { ParticipantErrorCode } from '../participant/error-codes';
import type { ErrorEntry } from './entry';

export const participantErrors: Record<ParticipantErrorCode, ErrorEntry> = {
  INVALID_INPUT: {
    from: 'an activity',
    meaning: 'What it was given does not fit its contract. Nothing was changed.',
    retriedBy: 'nobody',
    remedy:
      'The message names each problem. Where caller and participant differ in version, finish the deployment. A compensation that cannot read what its action stored: declare `stored` in its contract, or correct the input or the output at the desk.',
  },
  ANSWER_NOT_JSON: {
    from: 'an activity',
    meaning:
      'The answer of an action would not come back from JSON as it is, so its compensation could not read it. Nothing was changed.',
    retriedBy: 'nobody',
    remedy:
      'Answer with plain data that the output schema accepts as it returned it: a date as an ISO text, no NaN, no Map.',
  },
  ANSWER_TOO_LARGE: {
    from: 'an activity',
    meaning:
      'The answer of an action is larger than its saga could be told. It was taken back: nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Answer with where the data is, not with the data.',
  },
  ACTION_BLOCKED: {
    from: 'the barrier',
    meaning:
      'The call of the action arrived after its compensation, so it may not act any more. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Nothing, if the saga has unwound. A saga id that was used before: use another one.',
  },
  KEY_CONFLICT: {
    from: 'the barrier',
    meaning: 'The key of this call was used before, with another input. Nothing was changed.',
    retriedBy: 'nobody',
    remedy: 'Use another saga id, or another step name. In a compensation, find out whose action it was.',
  },
  DATABASE_ERROR: {
    from: 'an activity',
    meaning: 'PostgreSQL failed; the message has its SQLSTATE. The transaction was rolled back.',
    retriedBy: 'itself',
    remedy:
      'Look into the database. Data that breaks a rule of it (classes 22, 23 and 54) is not tried again.',
  },
  DATABASE_UNAVAILABLE: {
    from: 'an activity',
    meaning:
      'PostgreSQL gave no answer: it cannot be reached, the connection was lost, or a statement was not answered in time. A commit may have happened; the barrier’s row tells the next attempt.',
    retriedBy: 'itself',
    remedy: 'See that the database, or the pooler in front of it, is up.',
  },
};
