import type { ErrorEntry } from './entry';

export const testKitErrors: Record<'UNKNOWN_SAGA' | 'UNDECLARED_STEP', ErrorEntry> = {
  UNKNOWN_SAGA: {
    from: 'unwind/testing',
    meaning: 'A call arrived for a saga that the kit is not running, or no longer.',
    retriedBy: 'nobody',
    remedy: 'Await each run, and use one kit at a time.',
  },
  UNDECLARED_STEP: {
    from: 'unwind/testing',
    meaning: 'The saga ran a step for which no answer is given.',
    retriedBy: 'nobody',
    remedy: 'Add its answer to answers.',
  },
};
