import { undoWorkflowId } from '../saga/core/ids';
import { isExpress } from '../saga/memo';
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time';
import { plainText } from '../saga/core/plain-text';
import { reportQuery, type SagaReport } from '../saga/report';
import { SagaStatus, SagaStuckStep } from '../saga/search-attributes';
import {
  accountsFor,
  advise,
  adviseReverse,
  effectsOf,
  type Finding,
  type FindingCode,
  recordedEffects,
} from './finding';
import { examineCompleted } from './examine-completed';
import { hasFailingTask, readTaskFailure } from './failing-task';
import { describeIfFound } from './describe';
import { actsUntil, now } from './effects';
import { readLedger } from './read-ledger';
import { isPartlyCompensated, readOutcome } from './outcome';
import { isUndoable, type ParticipantRecord, remainingOf, type SagaRecords } from './records';
import {
  findUndoWorkflow,
  isOfRun,
  isRunning,
  readRescueInput,
  reportOf,
  type UndoWorkflow,
} from './undo-workflow';
import type { UndoneStep } from './undone';
import { undoneStepOfParent } from './undone-nested';
import { addRecords } from './add-records';

/** How long a cancelled saga's worker may take to say which effects remain, in milliseconds. */
const REPORT_WITHIN_MS = 10_000;

/** Compares how a saga ended with the effects of it that remain. Changes nothing. */
export class Examiner {
  private retention: Promise<number> | undefined;

  constructor(
    private readonly client: Client,
    private readonly records: readonly SagaRecords[],
  ) {}

  /**
   * What is wrong with a saga; undefined while it, its rescue or its reverse runs, and when all is well.
   * @param undone what was undone of it before it is examined.
   * @param runId only if this is the saga's latest run; an earlier one was reset, and is not how the saga ended.
   */
  async examine(
    sagaId: string,
    undone: readonly UndoneStep[] = [],
    runId?: string,
  ): Promise<Finding | undefined> {
    const saga = await describeIfFound(this.client, sagaId);
    if (saga && runId !== undefined && saga.runId !== runId) return undefined;
    if (saga && hasFailingTask(saga) && !isStuck(saga)) return await this.examineTaskFailing(saga);
    if (saga && !isSuspect(saga, undone)) return undefined;
    const found = await Promise.all([
      this.findUndoWorkflow(sagaId, 'rescue'),
      this.findUndoWorkflow(sagaId, 'reverse'),
    ]);
    const known = found.filter((workflow) => workflow !== undefined);
    if (known.some(isRunning)) return undefined;
    const undoWorkflows = known.filter((workflow) => isOfRun(workflow, saga?.runId));
    const halfWay = undoWorkflows.some(({ description }) => description.status.name !== 'COMPLETED');
    // A reverse that was ended half-way is found by its own id.
    if (saga?.status.name === 'COMPLETED' && halfWay) return undefined;
    const read = await Promise.all(undoWorkflows.map((workflow) => reportOf(this.client, workflow)));
    const reports = read.filter((report) => report !== undefined);
    if (saga && actsUntil(saga) > now()) return undefined;
    // Last of all: what was read before the workflows were known to have ended could be undone by now.
    const remaining = await this.remainingOf(sagaId);
    if (reports.length > 0) return await this.examineRescued(sagaId, saga, reports, remaining);
    if (!saga) return await this.examineGone(sagaId, remaining);
    switch (saga.status.name) {
      case 'COMPLETED':
        return await examineCompleted(this.client, {
          saga,
          remaining: this.records.length > 0 ? remaining : undefined,
          undone,
          records: this.records,
          askReport: () => this.askReport(sagaId),
        });
      case 'TERMINATED':
        return await this.examineUnfinished(saga, 'TERMINATED', 'the saga was terminated', remaining);
      case 'TIMED_OUT':
        return await this.examineUnfinished(
          saga,
          'TIMED_OUT',
          'a timeout of the server ended the saga',
          remaining,
        );
      default:
        return await this.examineUnwound(saga, remaining);
    }
  }

  /** What is wrong with a saga of which nothing remains and something is undone: one that completed, or whose parent has, is at fault. */
  async examineUndone(sagaId: string, undone: readonly UndoneStep[] = []): Promise<Finding | undefined> {
    const saga = await describeIfFound(this.client, sagaId);
    if (saga?.status.name === 'COMPLETED') return await this.examine(sagaId, undone);
    const relied = saga && (await undoneStepOfParent(this.client, saga));
    return relied && (await this.examine(relied.sagaId, [relied]));
  }

  /** What is wrong with a saga whose reversal was terminated or timed out. One that had not completed is found by itself. */
  async examineReverse(reverse: {
    readonly workflowId: string;
    readonly runId: string;
    readonly type: string;
  }): Promise<Finding | undefined> {
    const { sagaId, runId } = (await readRescueInput(this.client, reverse)) ?? {};
    if (sagaId === undefined || reverse.workflowId !== undoWorkflowId(sagaId, 'reverse')) return undefined;
    const [saga, latest] = await Promise.all([
      describeIfFound(this.client, sagaId),
      describeIfFound(this.client, reverse.workflowId),
    ]);
    if (saga?.status.name !== 'COMPLETED' || latest?.runId !== reverse.runId) return undefined;
    if (!isOfRun({ of: runId }, saga.runId)) return undefined;
    const remaining = await this.remainingOf(sagaId);
    const ledger = await readLedger(this.client, sagaId, saga.runId, remaining, this.records);
    const finding: Finding = {
      sagaId,
      code: 'REVERSE_ENDED',
      effects: this.records.length > 0 ? recordedEffects(remaining) : effectsOf(ledger, remaining),
      advice: 'reverse',
      message: 'the reverse of the completed saga was ended half-way: reverse it again to finish that',
    };
    return finding;
  }

  /** A saga that visibility shows as stuck; undefined if it has moved on since. */
  async examineStuck(sagaId: string): Promise<Finding | undefined> {
    const saga = await describeIfFound(this.client, sagaId);
    if (saga?.status.name !== 'RUNNING' || !isStuck(saga)) return undefined;
    if (hasFailingTask(saga)) return await this.examineTaskFailing(saga);
    return {
      sagaId,
      code: 'STUCK',
      effects: recordedEffects(await this.remainingOf(sagaId)),
      advice: 'desk',
      message: `the saga is stuck at ${saga.typedSearchAttributes.get(SagaStuckStep)}, and tries again by itself: decide at the desk`,
    };
  }

  private async remainingOf(sagaId: string): Promise<readonly ParticipantRecord[]> {
    return await remainingOf(this.client, this.records, sagaId);
  }

  private async findUndoWorkflow(
    sagaId: string,
    why: 'rescue' | 'reverse',
  ): Promise<UndoWorkflow | undefined> {
    const workflow = await findUndoWorkflow(this.client, sagaId, why);
    return workflow === 'foreign' ? undefined : workflow;
  }

  private async examineTaskFailing(saga: WorkflowExecutionDescription): Promise<Finding> {
    const { workflowId: sagaId, runId } = saga;
    const why = await readTaskFailure(this.client, sagaId, runId);
    return {
      sagaId,
      code: 'TASK_FAILING',
      effects: recordedEffects(await this.remainingOf(sagaId)),
      advice: 'by-hand',
      message: `its workflow task fails again and again (${plainText(why)}): deploy workflow code that gets it right, and it goes on by itself`,
    };
  }

  private async examineUnfinished(
    saga: WorkflowExecutionDescription,
    code: FindingCode,
    what: string,
    remaining: readonly ParticipantRecord[],
  ): Promise<Finding | undefined> {
    const sagaId = saga.workflowId;
    if (this.records.length === 0 && isExpress(saga?.memo)) {
      const message = `${what}: its steps ran as local activities, so only the participants’ records tell what remains`;
      return { sagaId, code, effects: [], advice: 'by-hand', message };
    }
    const ledger = await readLedger(this.client, sagaId, saga.runId, remaining, this.records);
    const advice = advise(ledger, sagaId);
    if (!advice) return undefined;
    return {
      ...advice,
      sagaId,
      code,
      effects: effectsOf(ledger, remaining),
      message: `${what}: ${advice.message}`,
    };
  }

  /** The pivot of a completed saga remains, and the server removes the saga in time; without a pivot it may not have completed. */
  private async examineGone(
    sagaId: string,
    remaining: readonly ParticipantRecord[],
  ): Promise<Finding | undefined> {
    if (!remaining.some(isUndoable)) return undefined;
    const latest = remaining.reduce((last, { at }) => Math.max(last, at), 0);
    const ledger = addRecords({ entries: [] }, remaining);
    const effects = recordedEffects(remaining);
    if (latest < Date.now() - (await this.readRetention())) {
      if (ledger.pivot) return undefined;
      return {
        sagaId,
        code: 'GONE_PAST_RETENTION',
        effects,
        advice: 'by-hand',
        message:
          'its workflow is past the server’s retention, and no pivot remains: rescue it if it had not completed',
      };
    }
    const advice = advise(ledger, sagaId);
    if (!advice) return undefined;
    const found = { sagaId, code: 'GONE' as const, effects };
    const what = 'its workflow was deleted or never there';
    if (advice.advice !== 'rescue') return { ...found, ...advice, message: `${what}: ${advice.message}` };
    // Of a saga without a pivot the same effects remain when it has completed, and must not be undone for its deletion.
    const message = `${what}, and no pivot remains: rescue it if it had not completed`;
    return { ...found, advice: 'by-hand', message };
  }

  private async examineUnwound(
    saga: WorkflowExecutionDescription,
    remaining: readonly ParticipantRecord[],
  ): Promise<Finding | undefined> {
    const sagaId = saga.workflowId;
    const outcome = await readOutcome(this.client, sagaId);
    if (outcome.kind === 'failed') {
      return await this.examineUnfinished(
        saga,
        'FAILED_HALF_WAY',
        'the workflow failed and undid nothing',
        remaining,
      );
    }
    const toUndo = remaining.filter(isUndoable);
    if (toUndo.length === 0) return undefined;
    const report = 'report' in outcome ? outcome.report : await this.askReport(sagaId);
    const left = toUndo.filter(({ step }) => !report || !accountsFor(report, step));
    if (left.length === 0) return undefined;
    return {
      sagaId,
      code: 'EFFECTS_REMAIN',
      effects: recordedEffects(left),
      advice: 'by-hand',
      message: report
        ? `the saga is ${outcome.kind}, and does not account for what remains: undo that by hand`
        : `the saga is ${outcome.kind}, and no worker can report which effects remain: ask for its report, and undo by hand what that does not account for`,
    };
  }

  private async examineRescued(
    sagaId: string,
    saga: WorkflowExecutionDescription | undefined,
    reports: readonly SagaReport[],
    remaining: readonly ParticipantRecord[],
  ): Promise<Finding | undefined> {
    const left = remaining.filter(
      (record) => isUndoable(record) && !reports.some((report) => accountsFor(report, record.step)),
    );
    if (left.length === 0) return undefined;
    const found = { sagaId, code: 'EFFECTS_REMAIN' as const, effects: recordedEffects(left) };
    const isNew = ({ step }: ParticipantRecord) =>
      !reports.some(({ steps }) => steps.some(({ name }) => name === step));
    const adviseBy = saga?.status.name === 'COMPLETED' ? adviseReverse : advise;
    const advice = left.some(isNew)
      ? adviseBy(await readLedger(this.client, sagaId, saga?.runId, remaining, this.records), sagaId)
      : undefined;
    if (!advice) {
      return {
        ...found,
        advice: 'by-hand',
        message: 'its rescue says that all is undone: undo by hand what remains',
      };
    }
    return {
      ...found,
      ...advice,
      message: `what remains came after its rescue had begun: ${advice.message}`,
    };
  }

  /** Temporal keeps no details of a cancelled workflow, so a worker has to replay it. */
  private async askReport(sagaId: string): Promise<SagaReport | undefined> {
    const { client } = this;
    try {
      return await client.withDeadline(Date.now() + REPORT_WITHIN_MS, () =>
        client.workflow.getHandle(sagaId).query(reportQuery),
      );
    } catch {
      return undefined;
    }
  }

  /** In milliseconds; the same for all sagas of the namespace. */
  private async readRetention(): Promise<number> {
    const { client } = this;
    this.retention ??= client.workflowService
      .describeNamespace({ namespace: client.options.namespace })
      .then(({ config }) => optionalTsToMs(config?.workflowExecutionRetentionTtl) ?? 0);
    return await this.retention;
  }
}

/** Whether a workflow ended in a way after which something could stand, or be undone, that should not. */
function isSuspect(saga: WorkflowExecutionDescription, undone: readonly UndoneStep[]): boolean {
  if (saga.status.name === 'COMPLETED') return undone.length > 0 || isPartlyCompensated(saga);
  return ['TERMINATED', 'TIMED_OUT', 'FAILED', 'CANCELLED'].includes(saga.status.name);
}

function isStuck({ typedSearchAttributes }: WorkflowExecutionDescription): boolean {
  return typedSearchAttributes.get(SagaStatus) === 'STUCK';
}
