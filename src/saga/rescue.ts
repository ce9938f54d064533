import { CancellationScope } from '@temporalio/workflow';
import type { StepKind } from './call';
import { STEP_UNKNOWN } from './core/failures';
import type { Entry } from './core/ledger';
import { openSaga } from './open-saga';
import { Orchestrator } from './orchestrator';
import type { SagaReport } from './report';

/** `rescue`: finishes the unwinding of a saga that was ended by force. `reverse`: takes all of a saga back. */
export type RescueWhy = 'rescue' | 'reverse';

/** The reason that participants are given by a rescue. */
export const RESCUED = 'RESCUED';
/** The reason that participants are given by a reverse. */
export const REVERSED = 'REVERSED';

/** An entry of a saga's compensation stack, rebuilt from its history. */
export interface RescueEntry {
  /** The entry's name in the saga's keys, such as `reserve-stock` or `reserve-stock#2`. */
  readonly step: string;
  readonly kind: StepKind;
  readonly taskQueue: string;
  /** The name of the compensation's activity. */
  readonly compensation: string;
  /** The time an attempt of the action had, in milliseconds; an attempt of the compensation gets the same. */
  readonly startToCloseMs: number;
  /** What people were shown beside the action. */
  readonly summary?: string;
  readonly input: unknown;
  /** Whether the action is known to have succeeded; otherwise it is unknown, and `output` absent. */
  readonly succeeded: boolean;
  readonly output?: unknown;
  /** The number of the event by which the action was first scheduled. */
  readonly began: number;
  /** The number of the event by which it was answered; absent if it was still in flight. */
  readonly settled?: number;
  /** Epoch milliseconds of those two events. */
  readonly startedAt: number;
  readonly settledAt?: number;
}

/** What {@link rescueSaga} is started with. */
export interface RescueInput {
  /** The saga to undo: its calls carry this id, so each is the call that the saga itself would have made. */
  readonly sagaId: string;
  /** The run from whose history the entries are. */
  readonly runId: string;
  readonly why: RescueWhy;
  /** What may still stand of it. */
  readonly entries: readonly RescueEntry[];
}

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
    state.takeOver(
      entries.map((entry) => standing(sagaId, entry)),
      { code, message: `${why} of ${sagaId}, run ${runId}` },
    );
    openSaga(orchestrator, workflow);
    orchestrator.changed();
    await orchestrator.run();
    return orchestrator.publication.report;
  });
}

function standing(sagaId: string, rebuilt: RescueEntry): Entry {
  const { step, kind, taskQueue, compensation, startToCloseMs, summary, input, output } = rebuilt;
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
      refusals: [],
      ...(summary !== undefined && { summary: () => summary }),
      attempts: {},
      compensationAttempts: { startToClose: startToCloseMs },
    },
    input,
    began: rebuilt.began,
    // What was in flight when the saga ended overlaps everything after it.
    settled: rebuilt.settled ?? Infinity,
    startedAt: rebuilt.startedAt,
    ...(rebuilt.settledAt !== undefined && { settledAt: rebuilt.settledAt }),
    outcome: rebuilt.succeeded ? { kind: 'succeeded', output } : { kind: 'unknown', failure: UNANSWERED },
  };
}

const UNANSWERED = { code: STEP_UNKNOWN, message: 'no success of its action is in the history' };
