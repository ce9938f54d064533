import {
  asyncLocalStorage,
  CancelledFailure,
  CompleteAsyncError,
  Context,
  type Info,
} from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import {
  defaultFailureConverter,
  defaultPayloadConverter,
  ensureTemporalFailure,
  type Logger,
  noopMetricMeter,
} from '@temporalio/common';
import { arrayFromPayloads } from '@temporalio/common/lib/converter/payload-converter';
import type { Agenda } from './agenda';
import type { Attempt, AttemptEnd } from './activity-task';
import type { Execution } from './execution';
import type { Failure, Payload } from './start-input';
import type { Faults } from './faults';
import type { TemporalLimits } from './limits';
import { TOO_LARGE } from './refusals';
import { payloadsBytes, roughBytes } from './sizes';

/** An activity of a workflow. */
export interface Activity {
  readonly activityId: string;
  readonly activityType: string;
  readonly taskQueue: string;
  readonly input: readonly Payload[];
  readonly execution: Execution;
  readonly isLocal: boolean;
}

/** What a worker does for an activity of that name. */
export type ActivityFunction = (...args: unknown[]) => Promise<unknown>;

/** Runs attempts of activities as a worker does: with a context, by the functions it was given. */
export class ActivityWorker {
  constructor(
    private readonly agenda: Agenda,
    private readonly namespace: string,
    private readonly functionOf: (name: string) => ActivityFunction | undefined,
    private readonly client: () => Client,
    private readonly faults: Faults,
    private readonly limits: TemporalLimits,
  ) {}

  /** Runs one attempt, and answers when its answer has arrived. */
  run(activity: Activity, attempt: Attempt): void {
    attempt.begin();
    if (this.faults.strikes('lostRequest')) return;
    const isLost = this.faults.strikes('lostAnswer');
    const work = this.perform(activity, attempt).then(async (end) => {
      if (!activity.isLocal) await this.agenda.sent();
      if (!isLost) attempt.end(activity.isLocal ? end : this.taken(end));
    });
    this.agenda.watch(work);
  }

  private async perform(activity: Activity, attempt: Attempt): Promise<AttemptEnd> {
    const run = this.functionOf(activity.activityType);
    if (!run) return { failure: unregistered(activity.activityType) };
    const context = this.contextOf(activity, attempt);
    try {
      const args = arrayFromPayloads(defaultPayloadConverter, [...activity.input]);
      const result: unknown = await asyncLocalStorage.run(context, () => run(...args));
      return { result: defaultPayloadConverter.toPayload(result) };
    } catch (error) {
      if (error instanceof CompleteAsyncError) throw error;
      const failure = plain(
        defaultFailureConverter.errorToFailure(ensureTemporalFailure(error), defaultPayloadConverter),
      );
      return error instanceof CancelledFailure ? { canceled: failure } : { failure };
    }
  }

  /** What a server takes of an answer: what is too large for it is a failure. */
  private taken(end: AttemptEnd): AttemptEnd {
    const { blobBytes, blobsCheckedBy } = this.limits;
    if ('result' in end) {
      if (!end.result || payloadsBytes([end.result]) <= blobBytes) return end;
      return {
        failure:
          blobsCheckedBy === 'worker'
            ? { message: TOO_LARGE, applicationFailureInfo: { type: 'PayloadsTooLarge' } }
            : refusedByServer('Complete result exceeds size limit.'),
      };
    }
    if (!('failure' in end) || roughBytes(end.failure) <= blobBytes) return end;
    return { failure: refusedByServer('Failure exceeds size limit.') };
  }

  private contextOf(activity: Activity, attempt: Attempt): Context {
    const { execution, activityId, activityType, taskQueue, isLocal } = activity;
    const { workflowId, runId, workflowType } = execution.start;
    const abort = new AbortController();
    const cancelled = new Promise<never>((_, reject) => {
      abort.signal.addEventListener('abort', () => reject(new CancelledFailure('CANCELLED')));
    });
    cancelled.catch(() => undefined);
    attempt.whenAbandoned(() => abort.abort());
    const info = {
      taskToken: new Uint8Array(),
      base64TaskToken: '',
      activityId,
      activityType,
      taskQueue,
      isLocal,
      attempt: attempt.attempt,
      activityNamespace: this.namespace,
      workflowNamespace: this.namespace,
      workflowExecution: { workflowId, runId },
      workflowType,
      scheduledTimestampMs: attempt.scheduledAt,
      currentAttemptScheduledTimestampMs: attempt.scheduledAt,
      startToCloseTimeoutMs: attempt.startToCloseMs,
      scheduleToCloseTimeoutMs: 0,
      heartbeatDetails: arrayFromPayloads(defaultPayloadConverter, [...attempt.heartbeatDetails])[0],
    } as unknown as Info;
    const heartbeat = (details: unknown) => {
      if (attempt.heartbeat([defaultPayloadConverter.toPayload(details)])) abort.abort();
    };
    const { client } = this;
    return new Context(info, cancelled, abort.signal, heartbeat, client(), silent, noopMetricMeter, {});
  }
}

function refusedByServer(message: string): Failure {
  return { message, source: 'Server', serverFailureInfo: { nonRetryable: true } };
}

function unregistered(name: string): Failure {
  return {
    message: `Activity function ${name} is not registered on this Worker`,
    source: 'TypeScriptSDK',
    applicationFailureInfo: { type: 'NotFoundError', nonRetryable: false },
  };
}

/** Where in a file it was thrown differs from machine to machine. */
function plain(failure: Failure): Failure {
  const { stackTrace: _, cause, ...rest } = failure;
  return { ...rest, ...(cause && { cause: plain(cause) }) };
}

const nothing = () => undefined;
const silent: Logger = {
  log: nothing,
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
};
