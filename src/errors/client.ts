import type { SagaClientCode } from '../client/errors';
import type { FindingCode } from '../client/finding';
import type { ErrorEntry } from './entry';

export const clientErrors: Record<SagaClientCode, ErrorEntry> = {
  SAGA_ID_TAKEN: {
    from: 'start, startUntil',
    meaning: 'The id belongs to a saga that was started with another input, or to another workflow.',
    retriedBy: 'nobody',
    remedy: 'Use another id.',
  },
  SAGA_ID_INVALID: {
    from: 'every method that takes a saga id, or derives one',
    meaning:
      'A saga cannot have this id: it is empty or too long, contains characters that a database cannot store, or, for a new saga, ends in -rescue or -reverse.',
    retriedBy: 'nobody',
    remedy: 'Use another id.',
  },
  INPUT_NOT_JSON: {
    from: 'start, startUntil, update',
    meaning: 'The argument cannot be written as JSON. Nothing was sent.',
    retriedBy: 'nobody',
    remedy: 'Send plain data: no bigint, no cycles.',
  },
  INPUT_TOO_LARGE: {
    from: 'start, startUntil, update, rescue, reverse',
    meaning:
      'The argument, or the compensation stack of a rescue, is larger than the limit. Nothing was sent.',
    retriedBy: 'nobody',
    remedy:
      'Send a reference to the data instead of the data. If the stack of a rescue is too large, undo the saga by hand.',
  },
  PRIORITY_INVALID: {
    from: 'start, startUntil, scheduleAction',
    meaning:
      'The priority that the definition gives the saga is not valid; the message says which field, and what it may be. Nothing was sent.',
    retriedBy: 'nobody',
    remedy: 'Correct the function priority of the definition.',
  },
  SAGA_NOT_FOUND: {
    from: 'every method that takes a saga id',
    meaning: 'No saga in this namespace has this id, or the server’s retention has removed it.',
    retriedBy: 'nobody',
    remedy:
      'Check the id, the namespace and the address. A saga whose workflow is gone can still be rescued from the participants’ records.',
  },
  SAGA_ENDED: {
    from: 'cancel, update, startUntil',
    meaning: 'The saga has ended, so it cannot be cancelled or updated.',
    retriedBy: 'nobody',
    remedy: 'Read its outcome.',
  },
  SAGA_RUNNING: {
    from: 'rescue, reverse; the step unwind:earlier-runs of a saga that was reset',
    meaning:
      'The saga, or a saga nested in it, is still running: a running saga undoes itself when it has to. Or it was ended a moment ago, and a worker may still act for it; the message says for how long.',
    retriedBy: 'caller',
    remedy:
      'Cancel a running saga, or wait until it has ended. Otherwise repeat the command after that time.',
  },
  NOTHING_TO_UNDO: {
    from: 'rescue, reverse',
    meaning: 'The saga has completed (rescue), has unwound, or has no effect that can be undone.',
    retriedBy: 'nobody',
    remedy: 'Nothing. To undo a completed saga, reverse it.',
  },
  PIVOT_PASSED: {
    from: 'rescue',
    meaning: 'The saga had begun its pivot before it ended, and the pivot may have succeeded.',
    retriedBy: 'nobody',
    remedy: 'Finish the saga by hand, or undo all of it with a reverse.',
  },
  PIVOT_IRREVERSIBLE: {
    from: 'reverse',
    meaning:
      'The pivot succeeded, or may have, and no compensation is declared or known for it. Nothing was undone.',
    retriedBy: 'nobody',
    remedy: 'Undo the saga by hand.',
  },
  RESCUE_ID_TAKEN: {
    from: 'rescue, reverse',
    meaning:
      'The id of the rescue or reverse belongs to a workflow that does not undo this saga. Nothing was started.',
    retriedBy: 'nobody',
    remedy: 'Undo the saga by hand, or delete that workflow if it has ended and nobody needs it.',
  },
  RESCUE_OF_EARLIER_RUN: {
    from: 'rescue, reverse',
    meaning:
      'The saga was reset, and the rescue or reverse of an earlier run of it still runs: it does not know what the later run did. Nothing was started.',
    retriedBy: 'nobody',
    remedy: 'Wait until that rescue or reverse has ended, and repeat the command.',
  },
  HISTORY_TOO_OLD: {
    from: 'rescue, reverse',
    meaning: 'The saga began under a version that did not record how its steps are undone.',
    retriedBy: 'nobody',
    remedy: 'Undo it by hand.',
  },
  EARLIER_RUN_UNREADABLE: {
    from: 'rescue, reverse, audit; the step unwind:earlier-runs of a saga that was reset',
    meaning:
      'The saga was reset, and the history of an earlier run is gone, so it is not known which steps that run did.',
    retriedBy: 'nobody',
    remedy:
      'Check which effects remain at the participants, and undo by hand those that should not. If the saga is stuck at the step unwind:earlier-runs, resolve it.',
  },
  RECORDS_NEEDED: {
    from: 'rescue, reverse; the step unwind:earlier-runs of an express saga that was reset',
    meaning:
      'The saga, or a saga nested in it, ran its steps as local activities, so only the participants’ records show which effects remain.',
    retriedBy: 'caller',
    remedy:
      'Give the client the records (option records); for the command line, set the URLs of the four databases.',
  },
  UPDATE_REFUSED: {
    from: 'update',
    meaning: 'The saga rejected the Update. The message begins with the code of the rejection.',
    retriedBy: 'nobody',
    remedy: 'Look up that code.',
  },
  NO_ANSWER: {
    from: 'report, undoPreview, update, startUntil',
    meaning:
      'The saga did not answer in time (answerWithinMs, by default 30 s): no worker of it is up, or it has not reached the milestone. It may still accept the Update, and a saga to be started may have been started. Or the server does not ask it: its workflow task fails, it is paused, or it has had as many Updates as it may; the message says which.',
    retriedBy: 'caller',
    remedy: 'Check that workers poll the saga’s task queue. Read its report before you decide again.',
  },
};

export const findings: Record<FindingCode, ErrorEntry> = {
  TERMINATED: {
    from: 'audit, outcome',
    meaning: 'The saga was terminated, and effects may remain.',
    retriedBy: 'nobody',
    remedy: 'Follow the advice of the finding: a rescue, or a reverse.',
  },
  TIMED_OUT: {
    from: 'audit, outcome',
    meaning: 'A workflow timeout ended the saga, and effects may remain.',
    retriedBy: 'nobody',
    remedy: 'Follow the advice. Start sagas without a workflow timeout.',
  },
  FAILED_HALF_WAY: {
    from: 'audit',
    meaning: 'The workflow failed without unwinding, and effects may remain.',
    retriedBy: 'nobody',
    remedy: 'Follow the advice.',
  },
  GONE: {
    from: 'audit',
    meaning:
      'Effects remain of a saga whose workflow the server does not know, although retention cannot have removed it yet.',
    retriedBy: 'nobody',
    remedy: 'Find out whether the saga had completed. If not, rescue it from the records.',
  },
  GONE_PAST_RETENTION: {
    from: 'audit',
    meaning:
      'Effects remain of a saga whose workflow is gone, and retention may have removed it, so its outcome is not known.',
    retriedBy: 'nobody',
    remedy: 'Find out by hand how it ended; it may have completed.',
  },
  EFFECTS_REMAIN: {
    from: 'audit',
    meaning:
      'An effect remains that the saga, or its rescue, had to undo, and its report does not account for it.',
    retriedBy: 'nobody',
    remedy: 'Follow the advice.',
  },
  REVERSE_ENDED: {
    from: 'audit',
    meaning: 'The reverse of a completed saga was terminated, timed out or failed.',
    retriedBy: 'caller',
    remedy: 'Reverse the saga again.',
  },
  UNDONE_EFFECTS: {
    from: 'audit',
    meaning:
      'The saga completed, but the records show steps of it, or of a nested saga that it relies on, as undone that neither the saga nor its reverse undid.',
    retriedBy: 'nobody',
    remedy: 'Follow the advice: a reverse undoes the rest. Find out who reset the workflow.',
  },
  STUCK: {
    from: 'audit',
    meaning: 'The saga is running and needs an operator.',
    retriedBy: 'operator',
    remedy: 'Intervene: retry, resolve, skip or abandon.',
  },
  TASK_FAILING: {
    from: 'audit',
    meaning:
      'The saga is running, and its workflow task fails repeatedly: a bug in the workflow, code that does not match the history, or code that is not deployed.',
    retriedBy: 'deployment',
    remedy: 'Deploy correct workflow code; the message has the error. Until then nothing is undone.',
  },
  NOT_EXAMINED: {
    from: 'audit',
    meaning:
      'The audit could not read the state of this saga; the message has the error. It continued with the others.',
    retriedBy: 'caller',
    remedy: 'Check the workflow and its records by hand.',
  },
};
