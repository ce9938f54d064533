/**
 * The limits of a Temporal server and its workers. The defaults are those of server 1.32 and SDK 1.24. A test that is to meet a
 * limit makes it small, as a server's dynamic configuration does.
 */
export interface TemporalLimits {
  /** Events of a run: `limit.historyCount.error`. One that would have more is terminated. @default 51,200 */
  readonly historyEvents: number;
  /** Bytes of a run's history, see `sizes.ts`: `limit.historySize.error`. One that has more is terminated. @default 50 MiB */
  readonly historyBytes: number;
  /** Events from which on a continue-as-new is suggested: `limit.historyCount.suggestContinueAsNew`. @default 4,096 */
  readonly suggestedEvents: number;
  /** Bytes from which on a continue-as-new is suggested: `limit.historySize.suggestContinueAsNew`. @default 4 MiB */
  readonly suggestedBytes: number;
  /** Activities of a run that have not ended: `limit.numPendingActivities.error`. One more fails the workflow task. @default 2,000 */
  readonly pendingActivities: number;
  /** The same for child workflows: `limit.numPendingChildExecutions.error`. @default 2,000 */
  readonly pendingChildren: number;
  /** The same for signals to other workflows: `limit.numPendingSignals.error`. @default 2,000 */
  readonly pendingSignals: number;
  /** The same for cancels of other workflows: `limit.numPendingCancelRequests.error`. @default 2,000 */
  readonly pendingCancelRequests: number;
  /** Events that wait for the end of a workflow task: `history.maximumBufferedEventsBatch`. One more fails the task. @default 100 */
  readonly bufferedEvents: number;
  /** Bytes of those: `history.maximumBufferedEventsSizeInBytes`. @default 2 MiB */
  readonly bufferedBytes: number;
  /** Signals that a run takes: `history.maximumSignalsPerExecution`. @default 10,000 */
  readonly signals: number;
  /** Updates of a run that have not ended: `history.maxInFlightUpdates`. @default 10 */
  readonly updatesInFlight: number;
  /** Updates of a run altogether: `history.maxTotalUpdates`. @default 2,000 */
  readonly updatesInTotal: number;
  /** Bytes of what one event carries, such as an input, a result or a failure: `limit.blobSize.error`. @default 2 MiB */
  readonly blobBytes: number;
  /** Bytes of a memo: `limit.memoSize.error`. @default 2 MiB */
  readonly memoBytes: number;
  /** Bytes of one request. gRPC's limit, which no server configures. @default 4 MiB */
  readonly messageBytes: number;
  /**
   * Who looks at the size of what a worker sends. A worker of SDK 1.24 does it, if the server says its limits, and fails the task:
   * it comes again, until other code sends less. A server, for workers with `disablePayloadErrorLimit` and of older SDKs,
   * terminates the workflow. @default 'worker'
   */
  readonly blobsCheckedBy: 'worker' | 'server';
  /** Local activities of all workflows that run at a time: a worker's `maxConcurrentLocalActivityExecutions`. @default 100 */
  readonly localActivities: number;
}

const MIB = 1024 * 1024;

const defaults: TemporalLimits = {
  historyEvents: 50 * 1024,
  historyBytes: 50 * MIB,
  suggestedEvents: 4 * 1024,
  suggestedBytes: 4 * MIB,
  pendingActivities: 2_000,
  pendingChildren: 2_000,
  pendingSignals: 2_000,
  pendingCancelRequests: 2_000,
  bufferedEvents: 100,
  bufferedBytes: 2 * MIB,
  signals: 10_000,
  updatesInFlight: 10,
  updatesInTotal: 2_000,
  blobBytes: 2 * MIB,
  memoBytes: 2 * MIB,
  messageBytes: 4 * MIB,
  blobsCheckedBy: 'worker',
  localActivities: 100,
};

export function limitsOf(given: Partial<TemporalLimits> = {}): TemporalLimits {
  return { ...defaults, ...given };
}

/** What a run has of what is limited, and is not told by its history alone. */
export interface Pending {
  activities: number;
  children: number;
  signals: number;
  cancelRequests: number;
}

/** Why a server ends a run. @param events how many it would have; @param bytes how many it has */
export function reasonToEnd(limits: TemporalLimits, events: number, bytes: number): string | undefined {
  if (bytes > limits.historyBytes) return 'Workflow history size exceeds limit.';
  return events > limits.historyEvents ? 'Workflow history count exceeds limit.' : undefined;
}
