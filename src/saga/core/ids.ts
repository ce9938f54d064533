/*
 * Every id that the engine derives from another one, and how it is read again. The same place in the same saga gives the same
 * id, in a reset run and in a rescue too (B6).
 */

/** The idempotency key of one operation of one entry. A probe asks by its action's. */
export function operationKey(namespace: string, sagaId: string, entryId: string, op: 'do' | 'undo'): string {
  return `${namespace}/${sagaId}/${entryId}/${op}`;
}

/** The n-th run of a step in one saga, from 1. */
export function entryId(step: string, run: number): string {
  return run === 1 ? step : `${step}#${run}`;
}

/** The workflow id of the saga that an entry is. */
export function nestedSagaId(sagaId: string, entry: string): string {
  return `${sagaId}.${entry}`;
}

/** The entry that a nested saga is; {@link nestedSagaId} is the inverse. */
export function entryOfNested(sagaId: string, nested: string): string {
  return nested.slice(sagaId.length + 1);
}

/** The workflow id of what rescues a saga, or reverses it. An id of that form is refused to a saga that is to be started. */
export function undoWorkflowId(sagaId: string, why: 'rescue' | 'reverse'): string {
  return `${sagaId}-${why}`;
}

/** Whether an id is one of a workflow that rescues or reverses a saga: then no saga may have it. */
export function isUndoWorkflowId(workflowId: string): boolean {
  return /-(rescue|reverse)$/.test(workflowId);
}
