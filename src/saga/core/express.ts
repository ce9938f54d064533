import type { AnyStep } from '../step';

/**
 * Whether an express saga runs the step's action inside its workflow task: then it leaves nothing in the history before
 * the task does, and is lost with it (decision 0009). A read must not be, and a nested saga is a workflow of its own.
 */
export function runsInTask({ kind, nested }: AnyStep): boolean {
  return !nested && kind !== 'read-only';
}
