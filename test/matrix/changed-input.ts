import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { declaredName } from '../../src/testing/participants';
import { changedSteps } from './changed-steps';
import type { UndoFault } from './undo-cases';

/** S21: bodies change inputs and answers after the call (`changing-workflow.ts`); the undo is given what was sent. */
export function inputChanged(server: TestWorkflowEnvironment): UndoFault {
  return {
    name: 'input-changed',
    struck: async ({ operations }, undo) => {
      const action = operations.get(undo.replace('undo ', 'do ') as typeof undo);
      if (!operations.has(undo) || !action) return false;
      const changed = await server.client.workflow.getHandle(action.call.sagaId).query(changedSteps);
      return changed.includes(declaredName(action.step));
    },
  };
}
