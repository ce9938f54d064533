import type { coresdk } from '@temporalio/proto';
import { type Attempt, type AttemptEnd, pauseBefore, retryPolicyOf } from './activity-task';
import type { Activity, ActivityWorker } from './activity-worker';
import type { Agenda } from './agenda';
import { resolveActivity } from './resolve-activity';
import { durationMs, timestamp } from './events';
import type { Execution } from './execution';
import { commandsIn, type Done, type LocalResolution } from './recorded-task';
import type { Job } from './sandbox';

type ScheduleLocalActivity = coresdk.workflow_commands.IScheduleLocalActivity;

/** A part of its timeout after which a workflow task that waits for local activities is recorded, and another one begins. */
const HEARTBEAT = 0.8;

/** The local activities of a run, which may outlast the workflow task that has begun them. */
class Running {
  readonly underWay = new Set<number>();
  /** Resolved, and its code does not know it yet. */
  readonly arrived: LocalResolution[] = [];
  wake: () => void = () => undefined;
  /** Of its attempts that run. */
  readonly slots = new Set<() => void>();
}

/** What a worker's local activities share: who finds none free waits for its turn. */
class Slots {
  private readonly waiting: (() => void)[] = [];

  constructor(private free: number) {}

  /** @param run is called as soon as a slot is free, with what gives it back. */
  take(run: (release: () => void) => void): void {
    if (this.free === 0) return void this.waiting.push(() => this.take(run));
    this.free--;
    let isReleased = false;
    run(() => {
      if (isReleased) return;
      isReleased = true;
      this.free++;
      this.waiting.shift()?.();
    });
  }
}

/** The local activities of one workflow task. */
export interface TaskLocals {
  readonly isOpen: boolean;
  /** @returns what is resolved next; nothing when the task is to be recorded first. */
  readonly next: () => Promise<readonly LocalResolution[] | undefined>;
  readonly add: (done: readonly Done[]) => void;
}

/** Runs activities inside of workflow tasks, as SDK core does. */
export class LocalActivities {
  private readonly running = new Map<Execution, Running>();
  private readonly slots: Slots;

  constructor(
    private readonly agenda: Agenda,
    private readonly workerOf: (activity: Activity) => ActivityWorker | undefined,
    /** How many run at a time, of all workflows. */
    slots: number,
  ) {
    this.slots = new Slots(slots);
  }

  isUnderWay(execution: Execution): boolean {
    const running = this.running.get(execution);
    return running !== undefined && (running.underWay.size > 0 || running.arrived.length > 0);
  }

  begin(execution: Execution, done: readonly Done[]): TaskLocals {
    const known = this.running.get(execution);
    const running = known ?? new Running();
    this.running.set(execution, running);
    const add = (more: readonly Done[]) => {
      for (const { scheduleLocalActivity } of commandsIn(more))
        if (scheduleLocalActivity) this.start(execution, running, scheduleLocalActivity);
    };
    // A worker that takes over knows them by the history: they were asked for, and have no marker.
    if (!known) add(unresolvedIn(execution));
    add(done);
    const { agenda } = this;
    const heartbeatAt = agenda.now + execution.start.taskTimeoutMs * HEARTBEAT;
    return {
      get isOpen() {
        return running.underWay.size > 0 || running.arrived.length > 0;
      },
      add,
      next: async () => {
        if (running.arrived.length === 0) {
          await new Promise<void>((resolve) => {
            const stop = agenda.at(heartbeatAt, resolve);
            running.wake = () => {
              stop();
              resolve();
            };
          });
        }
        const arrived = running.arrived.splice(0);
        return arrived.length > 0 ? arrived : undefined;
      },
    };
  }

  /** What was not recorded is forgotten: a worker has died, or its code has failed. */
  forget(execution: Execution): void {
    for (const release of this.running.get(execution)?.slots ?? []) release();
    this.running.delete(execution);
  }

  private start(execution: Execution, running: Running, command: ScheduleLocalActivity): void {
    const seq = command.seq ?? 0;
    const { agenda } = this;
    running.underWay.add(seq);
    const isCurrent = () => this.running.get(execution) === running && running.underWay.has(seq);
    const { activityId, activityType } = command;
    const resolve = (job: Job, attempt: number) => {
      if (!isCurrent()) return;
      running.underWay.delete(seq);
      const of = { activityId: activityId ?? '', activityType: activityType ?? '', attempt, scheduledAt };
      running.arrived.push({ seq, job, at: agenda.now, activity: of });
      running.wake();
    };
    const activity: Activity = {
      activityId: command.activityId ?? '',
      activityType: command.activityType ?? '',
      taskQueue: execution.start.taskQueue,
      input: command.arguments ?? [],
      execution,
      isLocal: true,
    };
    const retry = retryPolicyOf(command.retryPolicy);
    const threshold = durationMs(command.localRetryThreshold) || 60_000;
    const startToCloseMs = durationMs(command.startToCloseTimeout);
    const scheduledAt = agenda.now;
    const attempt = (number: number, release: () => void) => {
      let over = false;
      running.slots.add(release);
      let abandon = () => undefined as void;
      const end = (ended: AttemptEnd) => {
        if (over || !isCurrent()) return;
        over = true;
        stop();
        running.slots.delete(release);
        release();
        if ('failure' in ended) {
          const pause = pauseBefore(number + 1, ended.failure, retry);
          if (pause !== undefined && pause <= threshold)
            return void agenda.after(pause, () => begin(number + 1));
          if (pause !== undefined)
            return resolve(
              {
                resolveActivity: {
                  seq,
                  isLocal: true,
                  result: {
                    backoff: {
                      attempt: number + 1,
                      backoffDuration: {
                        seconds: Math.floor(pause / 1_000),
                        nanos: (pause % 1_000) * 1e6,
                      } as never,
                      originalScheduleTime: timestamp(scheduledAt) as never,
                    },
                  },
                },
              },
              number,
            );
        }
        resolve(resolveActivity(seq, { ...ended, attempt: number }, activity), number);
      };
      const stop =
        startToCloseMs > 0
          ? agenda.after(startToCloseMs, () => {
              abandon();
              end({
                failure: { message: 'activity StartToClose timeout', timeoutFailureInfo: { timeoutType: 1 } },
              });
            })
          : () => undefined;
      const local: Attempt = {
        attempt: number,
        scheduledAt,
        startToCloseMs,
        begin: () => undefined,
        heartbeatDetails: [],
        heartbeat: () => false,
        end: (ended) => void agenda.send(() => end(ended)),
        whenAbandoned: (run) => void (abandon = run),
      };
      this.workerOf(activity)?.run(activity, local);
    };
    const begin = (number: number) =>
      this.slots.take((release) => (isCurrent() ? attempt(number, release) : release()));
    agenda.send(() => begin(command.attempt || 1));
  }
}

function unresolvedIn({ tasks }: Execution): Done[] {
  const all = tasks.flatMap(({ done }) => done);
  const resolved = new Set(all.map((one) => ('marker' in one ? one.marker.seq : undefined)));
  return commandsIn(all).filter((one) => !resolved.has(one.scheduleLocalActivity?.seq ?? undefined));
}
