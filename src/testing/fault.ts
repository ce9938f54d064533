import type { Operation, StepKind } from '../saga';

/**
 * One operation of one step of a saga, such as `do reserve-stock` or `undo reserve-stock`; of a saga that is the step
 * `book-stay`, `do book-stay.book-room`.
 */
export type OperationName = `${Operation} ${string}`;

/**
 * What can go wrong at an operation.
 * - `refused`: the participant says no, with the first code that the step declares;
 * - `transient`: the first attempt fails before its effect, the second works;
 * - `unknown-before`: a whole round of attempts is lost before the effect. Where the saga tries on, a later one works;
 * - `unknown-after`: the effect happens, and the answers of a whole round are lost;
 * - `late-duplicate`: the action is delivered once more when the saga is over: it is answered, and has no effect;
 * - `hanging-action`: as `unknown-before`, and the lost action arrives after its compensation: it is blocked;
 * - `compensation-refuses`: the compensation fails three times so that it cannot be retried, then works;
 * - `compensation-never-works`: until an operator resolves it at the desk;
 * - `cancel`: the saga is cancelled while the operation is in flight;
 * - `deadline`: the saga's deadline passes while the operation is in flight;
 * - `worker-restart`: the orchestrator's worker is replaced while the operation is in flight; its successor replays.
 *   An express saga is replayed when it is over.
 */
export type FaultKind =
  | 'refused'
  | 'transient'
  | 'unknown-before'
  | 'unknown-after'
  | 'late-duplicate'
  | 'hanging-action'
  | 'compensation-refuses'
  | 'compensation-never-works'
  | 'cancel'
  | 'deadline'
  | 'worker-restart';

/** A fault and where it strikes. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: OperationName;
}

/** `refused at do book-shipment` */
export function nameOf({ kind, at }: Fault): string {
  return `${kind} at ${at}`;
}

/** The kinds of step that run before the pivot: their failure, and a cancel or deadline meanwhile, unwinds the saga. */
export function isBeforePivot(kind: StepKind): boolean {
  return kind !== 'pivot' && kind !== 'retriable';
}

/** What a fault needs to know about where it could strike. */
export interface Place {
  readonly op: Operation;
  readonly kind: StepKind;
  readonly hasCompensation: boolean;
  readonly canRefuse: boolean;
  readonly hasDeadline: boolean;
}

/** The faults that make sense at a place, each once. */
export function faultsAt({ op, kind, hasCompensation, canRefuse, hasDeadline }: Place): FaultKind[] {
  const anywhere: FaultKind[] = ['transient', 'unknown-before', 'unknown-after', 'late-duplicate', 'cancel'];
  const ofAction: FaultKind[] = [
    ...(canRefuse && kind !== 'retriable' ? (['refused'] as const) : []),
    ...(hasCompensation && isBeforePivot(kind) ? (['hanging-action'] as const) : []),
  ];
  const ofCompensation: FaultKind[] = ['compensation-refuses', 'compensation-never-works'];
  return [
    ...anywhere,
    ...(op === 'do' ? ofAction : ofCompensation),
    ...(hasDeadline ? (['deadline'] as const) : []),
    'worker-restart',
  ];
}
