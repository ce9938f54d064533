import type { SagaClientCode } from '../client/errors';
import type { FindingCode } from '../client/finding';
import type { ErrorEntry } from './entry';

export const clientErrors: Record<SagaClientCode, ErrorEntry> = {
  SAGA_ID_TAKEN: {
    from: 'start, startUntil',
    meaning: 'The id belongs to a saga that was started with another input.',
    retriedBy: 'nobody',
    remedy: 'Use another id.',
  },
  SAGA_ID_INVALID: {
    from: 'all that name a saga',
    meaning:
      'No saga can have this id: it is empty, too long, ends in -rescue or -reverse, or holds what a database cannot keep.',
    retriedBy: 'nobody',
    remedy: 'Use another id.',
  },
  INPUT_NOT_JSON: {
    from: 'start, startUntil, update',
    meaning: 'What is to be sent cannot be written as JSON. Nothing was sent.',
    retriedBy: 'nobody',
    remedy: 'Send plain data: no bigint, no cycle.',
  },
  INPUT_TOO_LARGE: {
    from: 'start, startUntil, update, rescue, reverse',
    meaning: 'What is to be sent is larger than the server takes. Nothing was sent.',
    retriedBy: 'nobody',
    remedy: 'Pass on where the data is, not the data. A saga that cannot be rescued for its size: by hand.',
  },
  SAGA_NOT_FOUND: {
    from: 'all that name a saga',
    meaning: 'No saga has this id in this namespace, or its history is past the retention of the server.',
    retriedBy: 'nobody',
    remedy: 'Check the id, the namespace and the address. What its records know can be rescued.',
  },
  SAGA_ENDED: {
    from: 'cancel, update, startUntil',
    meaning: 'The saga has ended, so it can be neither cancelled nor updated.',
    retriedBy: 'nobody',
    remedy: 'Ask for its outcome.',
  },
  SAGA_RUNNING: {
    from: 'rescue, reverse',
    meaning: 'The saga, or one that is its step, still runs, so it undoes itself where that is due.',
    retriedBy: 'caller',
    remedy: 'Wait until it has ended, or cancel it.',
  },
  NOTHING_TO_UNDO: {
    from: 'rescue, reverse',
    meaning: 'The saga ended as it promised, or did nothing.',
    retriedBy: 'nobody',
    remedy: 'Nothing. To take a completed saga back, reverse it.',
  },
  PIVOT_PASSED: {
    from: 'rescue',
    meaning: 'The saga was ended after its pivot had begun, and the pivot may have happened.',
    retriedBy: 'nobody',
    remedy: 'Finish it by hand, or take all of it back with a reverse.',
  },
  PIVOT_IRREVERSIBLE: {
    from: 'reverse',
    meaning: 'The pivot has or may have happened, and declares no compensation.',
    retriedBy: 'nobody',
    remedy: 'Take it back by hand.',
  },
  RESCUE_ID_TAKEN: {
    from: 'rescue, reverse',
    meaning:
      'The id of the rescue or reverse belongs to a workflow that does not undo this saga. Nothing was started.',
    retriedBy: 'nobody',
    remedy: 'Undo the saga by hand, or delete that workflow if it is over and not needed.',
  },
  HISTORY_TOO_OLD: {
    from: 'rescue, reverse',
    meaning: 'A version wrote the history that did not keep there what it takes to undo the saga.',
    retriedBy: 'nobody',
    remedy: 'Undo it by hand.',
  },
  EARLIER_RUN_UNREADABLE: {
    from: 'rescue, reverse, audit; the step unwind:earlier-runs of a saga that was reset',
    meaning:
      'The saga was reset, and the history of a run before that is gone, so nobody knows all that the saga did.',
    retriedBy: 'nobody',
    remedy:
      'Look at the participants what remains and undo by hand what is too much; then resolve the step, if the saga waits with it.',
  },
  RECORDS_NEEDED: {
    from: 'rescue, reverse',
    meaning:
      'The saga, or one nested in it, ran its steps as local activities, so only the participants’ records tell what remains.',
    retriedBy: 'caller',
    remedy: 'Give the client the records; on the command line, the settings of the four databases.',
  },
  UPDATE_REFUSED: {
    from: 'update',
    meaning: 'The saga rejected the Update. The message begins with its own code.',
    retriedBy: 'nobody',
    remedy: 'See that code.',
  },
  NO_ANSWER: {
    from: 'report, undoPreview, update, startUntil',
    meaning:
      'The saga did not answer in time: no worker of it is up, or it has not come to the milestone. An Update may yet be taken, and a saga that was to be started may have been.',
    retriedBy: 'caller',
    remedy:
      'See that the workers of the saga’s task queue are up, then ask for its report before you decide again.',
  },
};

export const findings: Record<FindingCode, ErrorEntry> = {
  TERMINATED: {
    from: 'audit, outcome',
    meaning: 'The saga was terminated: what it did may remain.',
    retriedBy: 'nobody',
    remedy: 'Do what the advice says: a rescue, or a reverse.',
  },
  TIMED_OUT: {
    from: 'audit, outcome',
    meaning: 'A timeout of the server ended the saga: what it did may remain.',
    retriedBy: 'nobody',
    remedy: 'Do what the advice says; start sagas without a workflow timeout.',
  },
  FAILED_HALF_WAY: {
    from: 'audit',
    meaning: 'The workflow failed without unwinding.',
    retriedBy: 'nobody',
    remedy: 'Do what the advice says.',
  },
  GONE: {
    from: 'audit',
    meaning:
      'Effects remain of a workflow that the server does not know, though its retention cannot have removed it.',
    retriedBy: 'nobody',
    remedy: 'Find out whether it had completed; if it had not, rescue it from the records.',
  },
  GONE_PAST_RETENTION: {
    from: 'audit',
    meaning: 'The same, and retention may have removed it, so how it ended cannot be told.',
    retriedBy: 'nobody',
    remedy: 'Find out by hand; it may have completed.',
  },
  EFFECTS_REMAIN: {
    from: 'audit',
    meaning: 'An effect remains that the saga, or its rescue, had to undo and does not account for.',
    retriedBy: 'nobody',
    remedy: 'Do what the advice says.',
  },
  REVERSE_ENDED: {
    from: 'audit',
    meaning: 'The reverse of a completed saga was itself ended by force.',
    retriedBy: 'caller',
    remedy: 'Reverse it again.',
  },
  UNDONE_EFFECTS: {
    from: 'audit',
    meaning:
      'The saga completed, and by the records steps of it are undone that neither it nor its reverse has undone.',
    retriedBy: 'nobody',
    remedy: 'Do what the advice says: a reverse takes the rest back. Find out who reset the workflow.',
  },
  STUCK: {
    from: 'audit',
    meaning: 'The saga runs and waits for an operator.',
    retriedBy: 'operator',
    remedy: 'Decide at the desk.',
  },
  TASK_FAILING: {
    from: 'audit',
    meaning:
      'The saga runs, and its workflow task fails again and again: a bug in the workflow, code that does not fit its history, or none deployed.',
    retriedBy: 'deployment',
    remedy:
      'Deploy workflow code that gets it right; the message has the error. Until then nothing is undone.',
  },
  NOT_EXAMINED: {
    from: 'audit',
    meaning: 'The audit could not read the state of this one saga; the message has the error.',
    retriedBy: 'caller',
    remedy: 'Look at its workflow and its records by hand. The other sagas were examined.',
  },
};
