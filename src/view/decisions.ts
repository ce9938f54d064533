import type { BulkVerb, DescribedSaga, SagaState } from '../client';
import type { StepReport } from '../saga';

/** What an operator may decide about a stuck step. */
export interface StepDecision {
  readonly step: string;
  readonly op: 'do' | 'undo';
  readonly verbs: readonly ('retry' | 'resolve' | 'skip')[];
  /** Whether `resolve` needs an output: what the action would have answered. */
  readonly needsOutput: boolean;
  /** The nested saga that is stuck itself: decisions are taken there. */
  readonly nested?: string;
}

/** What can be asked of a saga as a whole. `rescue` and `reverse` start another saga, which undoes it. */
export type SagaVerb = Exclude<BulkVerb, StepDecision['verbs'][number]>;

/** What an operator may decide about a step now, if it is stuck. */
export function decisionAbout({ name, stuck, compensation }: StepReport): StepDecision | undefined {
  if (!stuck) return undefined;
  const op = compensation ? 'undo' : 'do';
  if (stuck.nested !== undefined)
    return { step: name, op, verbs: [], needsOutput: false, nested: stuck.nested };
  return {
    step: name,
    op,
    verbs: op === 'do' ? ['retry', 'resolve'] : ['retry', 'resolve', 'skip'],
    needsOutput: op === 'do',
  };
}

/** In which state a saga is that is helped by a verb. */
export const stateFor: Readonly<Record<BulkVerb, SagaState>> = {
  retry: 'stuck',
  resolve: 'stuck',
  skip: 'stuck',
  abandon: 'stuck',
  cancel: 'forward',
  rescue: 'terminated',
  reverse: 'completed',
};

/** What can be asked of a saga as a whole now. */
export function verbsFor({ state, report }: DescribedSaga): SagaVerb[] {
  switch (state) {
    case 'forward':
      return ['cancel'];
    case 'stuck':
      return report?.steps.some(isStuckBeforePivot) ? ['abandon'] : [];
    case 'terminated':
    case 'timed-out':
      return ['rescue', 'reverse'];
    case 'completed':
    case 'completed-with-leftovers':
      return ['reverse'];
    default:
      return [];
  }
}

/** Whether what is stuck is an action that the saga could do without. */
function isStuckBeforePivot({ stuck, kind, compensation }: StepReport): boolean {
  return stuck !== undefined && stuck.nested === undefined && kind === 'compensatable' && !compensation;
}
