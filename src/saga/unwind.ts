import { condition } from '@temporalio/workflow';
import type { StuckPolicy } from './definition';
import type { Entry } from './ledger';
import type { SagaState } from './saga-state';
import type { SavePoint } from './save-point';
import { untilKnown } from './until-known';

/**
 * Compensates the entries that `choose` names, once nothing is in flight and no earlier unwinding runs, in the order
 * of S3; independent entries concurrently. Ends when it names none. To be called in a non-cancellable scope (S4).
 * @param reason handed on to the participants.
 * @param savePoint narrows what must be quiet to what is within it.
 */
export async function unwind(
  state: SagaState,
  choose: () => readonly Entry[],
  policy: StuckPolicy,
  reason: string,
  savePoint?: SavePoint,
): Promise<void> {
  const { ledger } = state;
  const passStuck = policy.whenStuck === 'go-on';

  async function undo(entry: Entry, chosen: readonly Entry[]): Promise<void> {
    let others: Promise<void> | undefined;
    const goOn = () => {
      others = undoReady(chosen);
    };
    ledger.beginUndo(entry);
    state.publish();
    const known = await untilKnown(state, entry, 'undo', policy, reason, passStuck ? goOn : undefined);
    ledger.endUndo(entry, known.kind === 'skipped');
    state.publish();
    await Promise.all([others, undoReady(chosen)]);
  }
  async function undoReady(chosen: readonly Entry[]): Promise<void> {
    await Promise.all(ledger.ready(chosen, passStuck).map((entry) => undo(entry, chosen)));
  }
  for (;;) {
    // Two unwindings may have waited for the same quiet: the second to wake finds it gone.
    while (!ledger.isQuiet(savePoint)) await condition(() => ledger.isQuiet(savePoint));
    const chosen = choose();
    if (chosen.length === 0) return;
    await undoReady(chosen);
  }
}
