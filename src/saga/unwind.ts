import { condition } from '@temporalio/workflow';
import type { StuckPolicy } from './definition';
import type { Entry } from './ledger';
import type { SagaState } from './saga-state';
import { untilKnown } from './until-known';

/**
 * Compensates the entries that `choose` names, once nothing is in flight and no earlier unwinding runs, in the order
 * of S3; independent entries concurrently. Ends when all are compensated. To be called in a non-cancellable scope (S4).
 * @param reason handed on to the participants.
 */
export async function unwind(
  state: SagaState,
  choose: () => readonly Entry[],
  policy: StuckPolicy,
  reason: string,
): Promise<void> {
  const { ledger } = state;
  await condition(() => ledger.inFlight.length === 0 && !ledger.isUndoing);
  const chosen = choose();
  const passStuck = policy.whenStuck === 'go-on';

  async function undo(entry: Entry): Promise<void> {
    let others: Promise<void> | undefined;
    const goOn = () => {
      others = undoReady();
    };
    ledger.beginUndo(entry);
    state.publish();
    const known = await untilKnown(state, entry, 'undo', policy, reason, passStuck ? goOn : undefined);
    ledger.endUndo(entry, known.kind === 'skipped');
    state.publish();
    await Promise.all([others, undoReady()]);
  }
  async function undoReady(): Promise<void> {
    await Promise.all(ledger.ready(chosen, passStuck).map(undo));
  }
  await undoReady();
}
