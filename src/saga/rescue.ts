import { CancellationScope } from '@temporalio/workflow';
import { type CarriedSaga, carrySagaOver } from './continue-as-new';
import { engineFailure, STEP_UNKNOWN } from './core/failures';
import type { Entry } from './core/entry';
import { openSaga } from './open-saga';
import { Orchestrator } from './orchestrator';
import { fitting, type SagaReport } from './report';
import { takeCarried } from './sdk-internals';
import { RESCUED, type RescueEntry, type RescueInput, REVERSED } from './rescue-input';

/**
 * The workflow that undoes another saga from what its history holds (S13), in the order of S3. Everything that holds
 * for an unwinding holds for it: it cannot be cancelled (S4), a compensation that fails makes it *stuck* and visible
 * (S5), and it answers the report's query. Running it again repeats the same calls, which the barrier answers.
 *
 * To be exported by the workflows of an orchestrator's worker.
 * @returns its report: all entries are compensated.
 */
export async function rescueSaga({ sagaId, runId, why, entries }: RescueInput): Promise<SagaReport> {
  const workflow = CancellationScope.current();
  const code = why === 'rescue' ? RESCUED : REVERSED;
  return await CancellationScope.nonCancellable(async () => {
    const orchestrator = new Orchestrator({ policy: {}, express: false });
    const { state } = orchestrator;
    const carried = takeCarried() as CarriedSaga | undefined;
    carrySagaOver(orchestrator, () => ({ startedAt: 0, milestones: [] }));
    if (carried) state.restore(carried.state, true);
    else
      state.takeOver(
        entries.map((entry) => standing(sagaId, entry)),
        { code, message: runId === undefined ? `${why} of ${sagaId}` : `${why} of ${sagaId}, run ${runId}` },
      );
    openSaga(orchestrator, workflow);
    orchestrator.changed();
    await orchestrator.run();
    return fitting(orchestrator.publication.report);
  });
}

function standing(sagaId: string, rebuilt: RescueEntry): Entry {
  const { step, kind, taskQueue, compensation, nested, startToCloseMs, summary, input, output } = rebuilt;
  return {
    id: step,
    sagaId,
    step: {
      kind,
      name: step,
      // A history names the queue of a participant, which is all it takes to reach it.
      participant: { name: taskQueue, taskQueue },
      action: '',
      compensation,
      ...(nested && { nested: { workflow: step, taskQueue } }),
      refusals: [],
      attempts: {},
      compensationAttempts: { startToClose: startToCloseMs },
    },
    input,
    ...(summary !== undefined && { summary }),
    began: rebuilt.began,
    // What was in flight when the saga ended overlaps everything after it.
    settled: rebuilt.settled ?? Infinity,
    startedAt: rebuilt.startedAt,
    ...(rebuilt.settledAt !== undefined && { settledAt: rebuilt.settledAt }),
    outcome: rebuilt.succeeded ? { kind: 'succeeded', output } : { kind: 'unknown', failure: UNANSWERED },
  };
}

const UNANSWERED = engineFailure(STEP_UNKNOWN, 'no success of its action is known');
