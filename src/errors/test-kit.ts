import type { ErrorEntry } from './entry';

export const testKitErrors: Record<'UNKNOWN_SAGA' | 'UNDECLARED_STEP', ErrorEntry> = {
  UNKNOWN_SAGA: {
    from: 'unwind/testing',
    meaning: 'A call arrived for a saga that the kit does not run, or not any more.',
    retriedBy: 'nobody',
    remedy: 'Await each run, and use one kit at a time.',
  },
  UNDECLARED_STEP: {
    from: 'unwind/testing',
    meaning: 'No answer is given for a step that the saga ran.',
    retriedBy: 'nobody',
    remedy: 'Give its answer.',
  },
};
