import { temporal } from '@temporalio/proto';
import type { Agenda } from './agenda';
import { durationMs } from './events';
import type { Failure, Payload } from './start-input';

/** How an attempt of an activity ended. */
export type AttemptEnd =
  { readonly result: Payload | undefined } | { readonly failure: Failure } | { readonly canceled: Failure };

/** How an activity ended for its workflow: after its last attempt, if it had one. */
export type ActivityEnd = AttemptEnd & {
  /** Of the last attempt, from 1; 0 when none was started. */
  readonly attempt: number;
};

/** An attempt, as its worker gets it. */
export interface Attempt {
  readonly attempt: number;
  readonly scheduledAt: number;
  readonly startToCloseMs: number;
  /** A worker has taken it: from now on its time counts. */
  readonly begin: () => void;
  /** The details of the last heartbeat of an attempt before. */
  readonly heartbeatDetails: readonly Payload[];
  /** Keeps the attempt from its heartbeat timeout. @returns whether the activity is to be cancelled. */
  readonly heartbeat: (details: readonly Payload[]) => boolean;
  readonly end: (end: AttemptEnd) => void;
  /** Has a worker learn that nobody waits for the attempt any more: its time is up. */
  readonly whenAbandoned: (abandon: () => void) => void;
}

/** Has a worker of the task queue take an attempt, as soon as there is one. @returns what withdraws the offer. */
export type OfferAttempt = (attempt: Attempt) => () => void;

/** The time limits and the retry policy of an activity, in milliseconds. */
export interface ActivityLimits {
  readonly scheduleToCloseMs: number;
  readonly scheduleToStartMs: number;
  readonly startToCloseMs: number;
  readonly heartbeatMs: number;
  readonly retry: RetryPolicy;
}

export interface RetryPolicy {
  readonly initialMs: number;
  readonly coefficient: number;
  readonly maximumMs: number;
  /** 0: without limit. */
  readonly maximumAttempts: number;
  readonly nonRetryable: readonly string[];
}

const timeoutTypes = temporal.api.enums.v1.TimeoutType;

/** The server's side of one activity: attempts, retries, time limits and cancellation. */
export class ActivityTask {
  private attempt = 0;
  private running = false;
  private cancelled = false;
  private over = false;
  private heartbeatDetails: readonly Payload[] = [];
  private lastFailure: Failure | undefined;
  private readonly stops: (() => void)[] = [];
  private abandon: () => void = () => undefined;
  private readonly scheduledAt: number;

  constructor(
    private readonly agenda: Agenda,
    private readonly limits: ActivityLimits,
    private readonly offer: OfferAttempt,
    private readonly ended: (end: ActivityEnd) => void,
  ) {
    this.scheduledAt = agenda.now;
    const { scheduleToCloseMs } = limits;
    if (scheduleToCloseMs > 0)
      agenda.after(scheduleToCloseMs, () =>
        this.finish({ failure: this.timedOut(timeoutTypes.TIMEOUT_TYPE_SCHEDULE_TO_CLOSE) }),
      );
    this.schedule();
  }

  /** What is not running ends at once; an attempt that runs learns of it by its next heartbeat. */
  requestCancel(): void {
    this.cancelled = true;
    if (!this.running) this.finish({ canceled: canceled() });
  }

  /** Whether it was requested to. */
  get isCancelled(): boolean {
    return this.cancelled;
  }

  /** Its workflow is over. What a worker answers now is not accepted. */
  forget(): void {
    this.over = true;
    this.stop();
  }

  private schedule(): void {
    const { scheduleToStartMs } = this.limits;
    this.stops.push(this.offer(this.nextAttempt()));
    if (scheduleToStartMs === 0) return;
    const untaken = () =>
      this.finish({ failure: this.timedOut(timeoutTypes.TIMEOUT_TYPE_SCHEDULE_TO_START) });
    this.stops.push(this.agenda.after(scheduleToStartMs, () => void (!this.running && untaken())));
  }

  private nextAttempt(): Attempt {
    const { agenda, limits } = this;
    const attempt = this.attempt + 1;
    const isCurrent = () => !this.over && this.running && this.attempt === attempt;
    const begin = () => {
      this.running = true;
      this.attempt = attempt;
      this.stop();
      const { startToCloseMs } = limits;
      if (startToCloseMs > 0)
        this.stops.push(
          agenda.after(startToCloseMs, () =>
            this.endAttempt({ failure: this.timedOut(timeoutTypes.TIMEOUT_TYPE_START_TO_CLOSE) }),
          ),
        );
      this.expectHeartbeat(attempt);
    };
    return {
      attempt,
      scheduledAt: agenda.now,
      begin,
      startToCloseMs: limits.startToCloseMs,
      heartbeatDetails: this.heartbeatDetails,
      heartbeat: (details) => {
        if (!isCurrent()) return true;
        this.heartbeatDetails = details;
        this.expectHeartbeat(attempt);
        return this.cancelled;
      },
      end: (end) => {
        if (isCurrent()) this.endAttempt(end);
      },
      whenAbandoned: (abandon) => void (this.abandon = abandon),
    };
  }

  private beats = 0;

  private expectHeartbeat(attempt: number): void {
    const { heartbeatMs } = this.limits;
    if (heartbeatMs === 0) return;
    const beat = ++this.beats;
    this.agenda.after(heartbeatMs, () => {
      if (this.over || !this.running || this.attempt !== attempt || this.beats !== beat) return;
      this.endAttempt({ failure: this.timedOut(timeoutTypes.TIMEOUT_TYPE_HEARTBEAT) });
    });
  }

  private endAttempt(end: AttemptEnd): void {
    this.stop();
    if (!('failure' in end)) return this.finish(end);
    const pause = pauseBefore(this.attempt + 1, end.failure, this.limits.retry);
    const { scheduleToCloseMs } = this.limits;
    const inTime =
      scheduleToCloseMs === 0 || this.agenda.now + (pause ?? 0) < this.scheduledAt + scheduleToCloseMs;
    if (pause === undefined || !inTime) return this.finish(end);
    this.running = false;
    this.lastFailure = end.failure;
    if (this.cancelled) return this.finish({ canceled: canceled() });
    this.stops.push(this.agenda.after(pause, () => this.schedule()));
  }

  private finish(end: AttemptEnd): void {
    if (this.over) return;
    this.forget();
    this.ended({ ...end, attempt: this.attempt });
  }

  private timedOut(timeoutType: number): Failure {
    if (this.running) this.abandon();
    return {
      message: `activity ${timeoutTypes[timeoutType]?.replace('TIMEOUT_TYPE_', '')} timeout`,
      source: 'Server',
      timeoutFailureInfo: { timeoutType },
      ...(this.lastFailure && { cause: this.lastFailure }),
    };
  }

  private stop(): void {
    for (const stop of this.stops.splice(0)) stop();
  }
}

/** @returns the pause before an attempt, in milliseconds; nothing when there is to be none */
export function pauseBefore(attempt: number, failure: Failure, retry: RetryPolicy): number | undefined {
  const { applicationFailureInfo: info, serverFailureInfo: server, timeoutFailureInfo: timeout } = failure;
  if (server?.nonRetryable) return undefined;
  if (info?.nonRetryable || (info?.type && retry.nonRetryable.includes(info.type))) return undefined;
  const { TIMEOUT_TYPE_START_TO_CLOSE, TIMEOUT_TYPE_HEARTBEAT } = timeoutTypes;
  if (timeout && ![TIMEOUT_TYPE_START_TO_CLOSE, TIMEOUT_TYPE_HEARTBEAT].includes(timeout.timeoutType ?? 0))
    return undefined;
  if (retry.maximumAttempts > 0 && attempt > retry.maximumAttempts) return undefined;
  if (info?.nextRetryDelay) return durationMs(info.nextRetryDelay);
  return Math.min(retry.initialMs * retry.coefficient ** (attempt - 2), retry.maximumMs);
}

/** With the server's defaults for what a policy leaves out. */
export function retryPolicyOf(policy: temporal.api.common.v1.IRetryPolicy | null | undefined): RetryPolicy {
  const initialMs = durationMs(policy?.initialInterval) || 1_000;
  return {
    initialMs,
    coefficient: policy?.backoffCoefficient || 2,
    maximumMs: durationMs(policy?.maximumInterval) || initialMs * 100,
    maximumAttempts: policy?.maximumAttempts ?? 0,
    nonRetryable: policy?.nonRetryableErrorTypes ?? [],
  };
}

function canceled(): Failure {
  return { message: 'CANCELED', source: 'Server', canceledFailureInfo: {} };
}
