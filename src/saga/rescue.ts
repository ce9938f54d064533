import { CancellationScope } from '@temporalio/workflow';
import { standing } from './carried-entry';
import { type CarriedSaga, carrySagaOver } from './continue-as-new';
import { openSaga } from './open-saga';
import { Orchestrator } from './orchestrator';
import { fitting, type SagaReport } from './report';
import { RESCUED, type RescueInput, REVERSED } from './rescue-input';
import { takeCarried } from './sdk-internals';
import { awaitStack } from './stack-handover';

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
  const workflow = CancellationScope.current();
  const code = why === 'rescue' ? RESCUED : REVERSED;
  const message = runId === undefined ? `${why} of ${sagaId}` : `${why} of ${sagaId}, run ${runId}`;
  return await CancellationScope.nonCancellable(async () => {
    const orchestrator = new Orchestrator({ policy, express: false });
    const { state } = orchestrator;
    const carried = takeCarried() as CarriedSaga | undefined;
    carrySagaOver(orchestrator, () => ({ startedAt: 0, milestones: [] }));
    // It unwinds from the start, also while it waits for the stack: a cancel is declined.
    state.phase = 'unwinding';
    state.reason = {
      code,
      message: `${message}: waits for the ${parts ?? 0} parts of its compensation stack`,
    };
    openSaga(orchestrator, workflow);
    if (carried) state.restore(carried.state, true);
    else {
      if (parts !== undefined) orchestrator.changed();
      const stack = parts === undefined ? entries : await awaitStack();
      state.takeOver(
        stack.map((entry) => standing(sagaId, entry)),
        { code, message },
      );
    }
    orchestrator.changed();
    await orchestrator.run();
    return fitting(orchestrator.publication.report);
  });
}
