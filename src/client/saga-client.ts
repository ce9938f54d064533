import {
  type Client,
  type ScheduleOptionsStartWorkflowAction,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
} from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils';
import type { QueryDefinition, UpdateDefinition, Workflow } from '@temporalio/common';
import type { SagaDefinition } from '../saga/definition';
import type { Placement } from '../saga/memo';
import type { MilestoneAnswer } from '../saga/milestone';
import { reportQuery } from '../saga/report';
import { type UndoPreview, undoPreviewQuery } from '../saga/undo-preview';
import { awaitAnswer } from './await-answer';
import { addAttempts, type LiveReport } from './attempts';
import { audit, type AuditOptions } from './audit';
import { countSagas, type SagaCounts } from './count';
import { requireFound, requireRunning } from './find-saga';
import type { Finding } from './finding';
import { type ListedSaga, listSagas, listStuck, pageOfSagas, type SagaFilter, type SagaPage } from './list';
import { readPayloads, type SagaPayloads } from './read-payloads';
import { type DescribedSaga, describeSaga } from './describe-saga';
import { readOutcome, type SagaOutcome } from './outcome';
import { type RescueSources, type StartedRescue, startRescue } from './rescue';
import { newSagaOptions, scheduledSaga } from './start-options';
import { sendUpdate } from './send-update';
import { requireStartedWith } from './start-input';
import { startUntil } from './start-until';

/** A saga that was started, now or earlier. */
export interface StartedSaga {
  readonly sagaId: string;
  /** Its latest run: one that has continued as new, or was reset, has earlier ones. */
  readonly runId: string;
  /** `false` when the same saga had been started before: then nothing was started now. */
  readonly started: boolean;
}

/** How a {@link SagaClient} starts sagas, and what it may know of them besides their histories. */
export interface SagaClientOptions extends RescueSources {
  /** Where the steps of sagas run, by the definition's `workflow`; a definition's own `placement` is the default. */
  readonly placements?: Readonly<Record<string, Placement>>;
  /**
   * Hands a new *express* saga to a worker in this process at once. Only for a client whose connection is the
   * `NativeConnection` of that worker; any other is refused by the SDK. @default false
   */
  readonly eagerStart?: boolean;
  /** How long to wait for the answer to a question, an Update or a milestone. @default 30 000 */
  readonly answerWithinMs?: number;
}

const ANSWER_WITHIN_MS = 30_000;

/** Starts sagas and tells how they stand. Any Temporal client will do: own connection, codec and namespace. */
export class SagaClient {
  constructor(
    readonly temporal: Client,
    private readonly options: SagaClientOptions = {},
  ) {}

  /**
   * Starts a saga under the id of its input. Idempotent: the same input again starts nothing (B6: an id is used
   * once, also after the saga has closed). Never sets a server-side timeout, which would kill compensations (S14).
   * @throws SagaClientError `SAGA_ID_TAKEN` when the id belongs to a saga with another input, or to another workflow; `SAGA_ID_INVALID`,
   *   `INPUT_NOT_JSON`, `INPUT_TOO_LARGE`, `PRIORITY_INVALID`.
   */
  async start<Input, Result>(definition: SagaDefinition<Input, Result>, input: Input): Promise<StartedSaga> {
    const placement = this.placementOf(definition);
    const options = newSagaOptions(definition, input, placement);
    const sagaId = options.workflowId;
    try {
      const handle = await this.temporal.workflow.start(definition.workflow, {
        ...options,
        workflowIdConflictPolicy: 'FAIL',
        ...(this.options.eagerStart && placement === 'express' && { requestEagerStart: true }),
      });
      return { sagaId, runId: handle.firstExecutionRunId, started: true };
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      await requireStartedWith(this.temporal, definition.workflow, sagaId, input, error);
      const { runId } = await this.temporal.workflow.getHandle(sagaId).describe();
      return { sagaId, runId, started: false };
    }
  }

  /**
   * Starts a saga and waits until it reaches a milestone or cannot reach it any more: the answer that matters, in one
   * round trip, while the saga goes on. Idempotent as {@link start} is: who asks again gets the same answer.
   * @throws SagaClientError `SAGA_ID_TAKEN` and what else {@link start} throws; `NO_ANSWER` when it takes longer:
   *   the saga may have been started, and who asks again learns it; `SAGA_ENDED` when it had ended before: its outcome is the answer.
   */
  async startUntil<Input, Result>(
    definition: SagaDefinition<Input, Result>,
    input: Input,
    milestone: string,
  ): Promise<MilestoneAnswer> {
    const placement = this.placementOf(definition);
    return await startUntil(this.temporal, definition, input, { milestone, placement, within: this.within });
  }

  /**
   * The action of a Schedule that starts a saga each time it fires: `client.schedule.create({ action, … })`. The server
   * appends the time to the saga's id, so each firing starts another saga, with other keys, on the same input: what is to
   * differ in the participants must come from their call, not from the input. The action has the priority of the definition: the
   * SDK (1.24) sends it, although its type for the action of a new Schedule does not name it.
   * @throws SagaClientError `SAGA_ID_INVALID`, `INPUT_NOT_JSON`, `INPUT_TOO_LARGE`, `PRIORITY_INVALID`
   */
  scheduleAction<Input, Result>(
    definition: SagaDefinition<Input, Result>,
    input: Input,
  ): ScheduleOptionsStartWorkflowAction<Workflow> {
    return scheduledSaga(definition, input, this.placementOf(definition));
  }

  /** The saga's state and outcome now. @throws SagaClientError `SAGA_NOT_FOUND` */
  async outcome<Result>(sagaId: string): Promise<SagaOutcome<Result>> {
    return await requireFound(sagaId, () => readOutcome<Result>(this.temporal, sagaId));
  }

  /**
   * Waits until the saga has closed, however long that takes; a stuck saga has not.
   * @throws SagaClientError `SAGA_NOT_FOUND`
   */
  async waitForClose<Result>(sagaId: string): Promise<SagaOutcome<Result>> {
    for (;;) {
      await requireFound(sagaId, async () => {
        const closed = this.temporal.workflow.getHandle(sagaId).result();
        await closed.catch((error: unknown) => {
          if (!(error instanceof WorkflowFailedError)) throw error;
        });
      });
      const outcome = await this.outcome<Result>(sagaId);
      // A run that was reset has closed, and the saga goes on in another one.
      if (outcome.kind !== 'running' && outcome.kind !== 'stuck') return outcome;
    }
  }

  /**
   * What happened to every step, while the saga runs or after it closed, and at which attempt a step is that is under way. A
   * worker of the saga must be up.
   * @throws SagaClientError `SAGA_NOT_FOUND`, `NO_ANSWER`
   */
  async report(sagaId: string): Promise<LiveReport> {
    const report = await this.ask(sagaId, reportQuery);
    if (report.steps.every(({ activity }) => activity === undefined)) return report;
    const { raw } = await requireFound(sagaId, () => this.temporal.workflow.getHandle(sagaId).describe());
    return addAttempts(report, raw.pendingActivities ?? [], Date.now());
  }

  /**
   * A saga by its id, also while no worker of it answers: then with what the server knows.
   * @param answerWithinMs how long to wait for its report. @default 5 000
   * @throws SagaClientError `SAGA_NOT_FOUND`
   */
  async describe(sagaId: string, answerWithinMs = 5_000): Promise<DescribedSaga> {
    const handle = this.temporal.workflow.getHandle(sagaId);
    return await requireFound(sagaId, async () => {
      const ask = () => awaitAnswer(this.temporal, sagaId, answerWithinMs, () => handle.query(reportQuery));
      return await describeSaga(this.temporal, await handle.describe(), ask);
    });
  }

  /**
   * What would be undone if the saga failed now. A worker of the saga must be up.
   * @throws SagaClientError `SAGA_NOT_FOUND`, `NO_ANSWER`
   */
  async undoPreview(sagaId: string): Promise<UndoPreview> {
    return await this.ask(sagaId, undoPreviewQuery);
  }

  /**
   * The history of a saga as JSON, for replay tests (`Worker.runReplayHistory`) and the Temporal Web UI. Payloads are as the server
   * keeps them: encoded where a codec is used. @param runId an earlier run; by default the latest.
   * @throws SagaClientError `SAGA_NOT_FOUND`
   */
  async history(sagaId: string, runId?: string): Promise<string> {
    const handle = this.temporal.workflow.getHandle(sagaId, runId);
    // To fetch what is not there fails with an error of gRPC.
    await requireFound(sagaId, () => handle.describe());
    return historyToJSON(await handle.fetchHistory());
  }

  /** How many sagas are in each state. A saga that has continued as new counts once. @throws ServiceError for a filter that the server refuses. */
  async count(filter: Omit<SagaFilter, 'state'> = {}): Promise<SagaCounts> {
    return await countSagas(this.temporal, filter);
  }

  /**
   * Asks the saga to cancel: before its pivot it unwinds, after it the request is declined and reported (S8).
   * Does not wait for either. @throws SagaClientError `SAGA_NOT_FOUND` or `SAGA_ENDED`
   */
  async cancel(sagaId: string): Promise<void> {
    await requireRunning(this.temporal, sagaId);
    await requireFound(sagaId, () => this.temporal.workflow.getHandle(sagaId).cancel());
  }

  /**
   * Undoes what a saga left that was terminated, timed out or failed half-way (S13): rebuilds its compensation stack
   * from its history, and from the participants' records if they were given, and unwinds it in a workflow of its own,
   * with the saga's own keys. With records, a saga whose workflow is gone is rescued too. Idempotent. Does not wait:
   * {@link waitForClose}, {@link outcome} and {@link report} answer for `rescueId`; the saga itself stays as it ended.
   * @throws SagaClientError `SAGA_NOT_FOUND`, `SAGA_RUNNING`, `NOTHING_TO_UNDO`, `PIVOT_PASSED` when the saga had begun
   *   its pivot, `HISTORY_TOO_OLD`, `RESCUE_ID_TAKEN`, `RESCUE_OF_EARLIER_RUN`, or
   *   `RECORDS_NEEDED`.
   */
  async rescue(sagaId: string): Promise<StartedRescue> {
    return await requireFound(sagaId, () => startRescue(this.temporal, sagaId, 'rescue', this.options));
  }

  /**
   * Takes back a saga that completed, or one that was ended after its pivot: as {@link rescue}, the pivot's own
   * compensation included.
   * @throws SagaClientError `SAGA_NOT_FOUND`, `SAGA_RUNNING`, `NOTHING_TO_UNDO`, `PIVOT_IRREVERSIBLE` when the pivot
   *   declares no compensation, `HISTORY_TOO_OLD`, `RESCUE_ID_TAKEN`, `RESCUE_OF_EARLIER_RUN`, or
   *   `RECORDS_NEEDED`.
   */
  async reverse(sagaId: string): Promise<StartedRescue> {
    return await requireFound(sagaId, () => startRescue(this.temporal, sagaId, 'reverse', this.options));
  }

  /**
   * Sends an Update to a running saga and waits for its answer. A validator's rejection changes nothing.
   * @throws SagaClientError `SAGA_NOT_FOUND`, `SAGA_ENDED`, `INPUT_NOT_JSON`, `INPUT_TOO_LARGE`, `UPDATE_REFUSED`
   *   with what the saga said, or `NO_ANSWER`: then a worker that comes back may yet take it, and the report tells.
   */
  async update<Answer, Argument>(
    sagaId: string,
    update: UpdateDefinition<Answer, [Argument]>,
    argument: Argument,
  ): Promise<Answer> {
    return await sendUpdate(this.temporal, sagaId, update, argument, this.within);
  }

  /**
   * One page of sagas, the latest started first.
   * @param page `size`: how many at most, 50 by default; `cursor`: what the page before gave.
   * @throws ServiceError for a filter or a cursor that the server refuses.
   */
  async page(
    filter: SagaFilter,
    page: { size?: number; cursor?: string | undefined } = {},
  ): Promise<SagaPage> {
    return await pageOfSagas(this.temporal, filter, page);
  }

  /**
   * The input of a saga, and what its latest run called, with inputs and outputs, as this client's data converter decodes them.
   * @throws SagaClientError `SAGA_NOT_FOUND`
   */
  async payloads(sagaId: string): Promise<SagaPayloads> {
    return await requireFound(sagaId, () => readPayloads(this.temporal, sagaId));
  }

  /** Sagas, the latest started first, page by page as they are asked for. */
  list(filter: SagaFilter): AsyncIterable<ListedSaga> {
    return listSagas(this.temporal, filter);
  }

  /**
   * The sagas of this namespace whose effects are not all done or all undone: those that were terminated or timed out and not
   * rescued, those whose workflow is gone, those that contradict the records, those that are stuck, and those whose
   * workflow task fails. Without records
   * the histories are all that is known. Read as they are asked for, page by page; a saga that runs is none.
   * With `rescue: true` starts the rescue of each for which that is the advice, and waits for none.
   */
  audit(options: AuditOptions = {}): AsyncIterable<Finding> {
    return audit(this.temporal, this.options, options);
  }

  /**
   * The sagas that need a person, of every kind: an operator at their desk, or, where their workflow task fails again and
   * again, someone to deploy code that gets it right.
   */
  listStuck(): AsyncIterable<ListedSaga> {
    return listStuck(this.temporal);
  }

  private async ask<Answer>(sagaId: string, query: QueryDefinition<Answer>): Promise<Answer> {
    const { workflow } = this.temporal;
    return await requireFound(sagaId, () =>
      awaitAnswer(this.temporal, sagaId, this.within, () => workflow.getHandle(sagaId).query(query)),
    );
  }

  private get within(): number {
    return this.options.answerWithinMs ?? ANSWER_WITHIN_MS;
  }

  private placementOf({ workflow, placement }: SagaDefinition<never, unknown>): Placement | undefined {
    return this.options.placements?.[workflow] ?? placement;
  }
}
