/**
 * - `compensatable`: has a compensation; runs before the pivot.
 * - `irreversible`: has an effect that nothing can undo, and says why that is acceptable; runs before the pivot. A saga
 *   that unwinds after one ends *partly compensated*.
 * - `read-only`: has no effect, so nothing is ever undone; runs anywhere.
 * - `pivot`: the point of no return; retried until it is known.
 * - `retriable`: runs after the pivot; retried until it succeeds.
 */
export type StepKind = 'compensatable' | 'irreversible' | 'read-only' | 'pivot' | 'retriable';

/** What the core reads of a declared step. JSON; a declaration has functions and options beside it. */
export interface StepData {
  readonly kind: StepKind;
  /** Unique in its saga; part of every idempotency key, so it must not change while sagas run. */
  readonly name: string;
  readonly participant: { readonly name: string; readonly taskQueue: string };
  readonly action: string;
  readonly compensation?: string;
  readonly probe?: string;
  /** The saga that this step is (S10). */
  readonly nested?: { readonly workflow: string; readonly taskQueue: string };
  /** Why an irreversible step may stay done when the saga unwinds. */
  readonly irreversible?: string;
  readonly refusals: readonly string[];
}

/**
 * Whether an express saga runs the step's action inside its workflow task: then it leaves nothing in the history before
 * the task does, and is lost with it (decision 0009). A read must not be, and a nested saga is a workflow of its own.
 */
export function runsInTask({ kind, nested }: StepData): boolean {
  return !nested && kind !== 'read-only';
}
