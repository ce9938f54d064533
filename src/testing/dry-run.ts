import type { UndoPreview } from '../saga';
import { askForPreview } from './ask';
import type { Fault, OperationName } from './fault';
import type { SagaTestKit } from './kit';
import type { SagaUnderTest } from './saga-under-test';

/** What would be undone if a saga failed while an action is in flight. */
export interface DryRunStep {
  /** The action, whose outcome is not known then. Of a saga that is a step: `do book-stay.book-room`. */
  readonly at: OperationName;
  /** The saga's own answer: what would be undone, in which order, with which inputs. */
  readonly undo: UndoPreview;
}

/**
 * The undo preview of a saga that nobody has started: runs it with the answers it is given, and asks it at each of its
 * actions what it would undo if it failed there.
 * @param options.faults shows another way through the saga, an alternative behind a save-point for instance.
 * @returns the actions in the order in which they arrived; those after the pivot have nothing to undo.
 */
export async function dryRun(
  kit: SagaTestKit,
  saga: SagaUnderTest,
  options: { readonly faults?: readonly Fault[] } = {},
): Promise<readonly DryRunStep[]> {
  const steps: DryRunStep[] = [];
  await kit.run(saga, {
    ...options,
    onAction: async ({ name }, { client, sagaId, until }) => {
      steps.push({ at: name, undo: await askForPreview({ client, stage: { until } }, sagaId) });
    },
  });
  return steps;
}
