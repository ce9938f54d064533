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
 *   On a server an express saga is replayed when it is over;
 * - `stray-decision`: while the action is in flight an operator decides about it at the desk, where no step is stuck: that is
 *   refused, and changes nothing.
 *
 * Only in a simulation, and on a server with a real clock:
 * - `no-worker`: nobody polls the operation's task queue until the saga is stuck for that reason; then a worker comes;
 * - `reset`: the workflow is reset to one of its workflow tasks while the operation is in flight;
 * - `reset-when-over`: the same when the saga is over.
 *
 * Only in a simulation:
 * - `lost-task`: the worker dies with one of the workflow tasks in its hands. What it has done in it is done again.
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
  | 'worker-restart'
  | 'stray-decision'
  | 'no-worker'
  | 'reset'
  | 'reset-when-over'
  | 'lost-task';

/** A workflow task of a saga, or of a saga nested in it. */
export interface TaskPoint {
  /** What comes after the saga's id in the workflow's: nothing, or `.book-stay`. */
  readonly workflow: string;
  /** Which of its completed workflow tasks, from 0; from the end if it is negative. */
  readonly task: number;
}

/** A fault and where it is injected. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: OperationName;
  /** Of a reset: to where. Of a lost workflow task: which one. */
  readonly to?: TaskPoint;
}

/** `refused at do book-shipment` */
export function nameOf({ kind, at, to }: Fault): string {
  if (kind === 'lost-task' && to) return `${kind} ${to.task} of the saga${to.workflow}`;
  return `${kind} at ${at}${to ? ` to task ${to.task} of the saga${to.workflow}` : ''}`;
}

export function isReset({ kind }: Fault): boolean {
  return kind === 'reset' || kind === 'reset-when-over';
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

/** The faults that make sense at a place on a server that skips time, each once. */
export function faultsAt({ op, kind, hasCompensation, canRefuse, hasDeadline }: Place): FaultKind[] {
  const anywhere: FaultKind[] = ['transient', 'unknown-before', 'unknown-after', 'late-duplicate', 'cancel'];
  const ofAction: FaultKind[] = [
    ...(canRefuse && kind !== 'retriable' ? (['refused'] as const) : []),
    'stray-decision',
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
