import { declaredName } from '../../src/testing/saga-under-test';
import { changedSteps } from './changed-steps';
import type { UndoFault } from './undo-cases';

/** S21: bodies change inputs and answers after the call (`changing-workflow.ts`); the undo is given what was sent. */
export function inputChanged(): UndoFault {
  const changed = new Set<string>();
  return {
    name: 'input-changed',
    options: {
      whenOver: async ({ client, operations }) => {
        for (const { call, step } of operations.values()) {
          const names = await client.temporal.workflow.getHandle(call.sagaId).query(changedSteps);
          if (names.includes(declaredName(step))) changed.add(`${call.sagaId} ${step}`);
        }
      },
    },
    struck: ({ operations }, undo) => {
      const action = operations.get(undo.replace('undo ', 'do ') as typeof undo);
      return operations.has(undo) && changed.has(`${action?.call.sagaId} ${action?.step}`);
    },
  };
}
