import type { Batch } from '../../contract';
import type { BulkResult, SagaState } from '../../../client';
import type { StepState } from '../../../saga';

/** How good or bad something is: it selects a colour, and is never the only sign. */
export type Tone = 'good' | 'busy' | 'warn' | 'bad' | 'plain';

/** A mark and a tone; the name of the state is always written beside it. */
export interface Look {
  readonly mark: string;
  readonly tone: Tone;
}

const sagaLooks: Readonly<Record<SagaState, Look>> = {
  stuck: { mark: '!', tone: 'bad' },
  'task-failing': { mark: '!', tone: 'bad' },
  forward: { mark: '→', tone: 'busy' },
  unwinding: { mark: '←', tone: 'busy' },
  paused: { mark: '‖', tone: 'plain' },
  completed: { mark: '✓', tone: 'good' },
  'completed-with-leftovers': { mark: '◐', tone: 'warn' },
  compensated: { mark: '↶', tone: 'plain' },
  'partly-compensated': { mark: '◐', tone: 'warn' },
  cancelled: { mark: '↶', tone: 'plain' },
  failed: { mark: '✕', tone: 'bad' },
  terminated: { mark: '■', tone: 'bad' },
  'timed-out': { mark: '■', tone: 'bad' },
  unknown: { mark: '?', tone: 'plain' },
};

/** All states, those that need a person first. */
export const sagaStates = Object.keys(sagaLooks) as readonly SagaState[];

export function isSagaState(text: string): text is SagaState {
  return Object.hasOwn(sagaLooks, text);
}

const otherLooks: Readonly<Record<StepState | Batch['state'] | BulkResult['result'], Look>> = {
  running: { mark: '→', tone: 'busy' },
  succeeded: { mark: '✓', tone: 'good' },
  refused: { mark: '✕', tone: 'warn' },
  unknown: { mark: '?', tone: 'warn' },
  compensating: { mark: '←', tone: 'busy' },
  compensated: { mark: '↶', tone: 'plain' },
  skipped: { mark: '∅', tone: 'warn' },
  stuck: { mark: '!', tone: 'bad' },
  runs: { mark: '→', tone: 'busy' },
  suspended: { mark: '‖', tone: 'warn' },
  cancelled: { mark: '■', tone: 'plain' },
  done: { mark: '✓', tone: 'good' },
  interrupted: { mark: '■', tone: 'warn' },
  pending: { mark: '…', tone: 'busy' },
  'still-stuck': { mark: '!', tone: 'bad' },
  'nothing-to-do': { mark: '–', tone: 'plain' },
  failed: { mark: '?', tone: 'bad' },
};

export function lookOfSaga(state: SagaState): Look {
  return sagaLooks[state] ?? sagaLooks.unknown;
}

/** Of a step, a batch, or what came of an act. */
export function lookOf(state: keyof typeof otherLooks): Look {
  return otherLooks[state] ?? { mark: '?', tone: 'plain' };
}
