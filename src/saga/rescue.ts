import { CancellationScope } from '@temporalio/workflow';
import { type CarriedSaga, carrySagaOver } from './continue-as-new';
import { openSaga } from './handlers';
import { Orchestrator } from './orchestrator';
import { fitting, type SagaReport } from './report';
import { RESCUED, type RescueEntry, type RescueInput, restoredEntry, REVERSED } from './rescue-entry';
import { sdkWorkflow } from './sdk-workflow';
import { requireWatched, takeCarried } from './watch-workflow';
import { awaitStack } from './stack-parts';

/**
 * The workflow that undoes another saga from what its history holds (S13), in the order of S3. Everything that holds
 * for an unwinding holds for it: it cannot be cancelled (S4), a compensation that fails makes it *stuck* and visible
 * (S5), and it answers the report's query. Running it again repeats the same calls, which the barrier answers.
 *
 * A stack that is too large for the input arrives in parts; nothing is undone before all of them are there.
 *
 * To be exported by the workflows of an orchestrator's worker.
 * @returns its report: all entries are compensated.
 * @throws ApplicationFailure `STACK_INCOMPLETE` when a part did not arrive within ten minutes: nothing was undone.
 */
export async function rescueSaga(input: RescueInput): Promise<SagaReport> {
  const { sagaId, runId, why, entries, parts, policy = {} } = input;
  requireWatched();
  const workflow = CancellationScope.current();
  const shield = sdkWorkflow().shield();
  const code = why === 'rescue' ? RESCUED : REVERSED;
  const message = runId === undefined ? `${why} of ${sagaId}` : `${why} of ${sagaId}, run ${runId}`;
  return await shield.run(async () => {
    const orchestrator = new Orchestrator({ scope: shield.scope, policy, express: false });
    const { driver } = orchestrator;
    const carried = takeCarried() as CarriedSaga | undefined;
    carrySagaOver(orchestrator, () => ({ startedAt: 0, milestones: [] }));
    const takeOver = (stack: readonly RescueEntry[]) =>
      driver.dispatch({
        type: 'stack-taken-over',
        entries: stack.map((entry) => restoredEntry(sagaId, entry)),
        reason: { code, message },
      });
    // It unwinds from the start, also while it waits for the stack: a cancel is declined.
    if (carried) driver.dispatch({ type: 'restored', carried: carried.state, everyKind: true });
    else if (parts === undefined) takeOver(entries);
    else {
      const waits = `waits for the ${parts} parts of its compensation stack`;
      driver.dispatch({ type: 'stack-awaited', reason: { code, message: `${message}: ${waits}` } });
    }
    openSaga(orchestrator, workflow);
    if (!carried && parts !== undefined) takeOver(await awaitStack());
    await new Promise<void>((...settle) => orchestrator.run(...settle));
    shield.lift();
    return fitting(orchestrator.publication.report);
  });
}
