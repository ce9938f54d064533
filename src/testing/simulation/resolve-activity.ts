import type { ActivityEnd } from './activity-task';
import type { Activity } from './activity-worker';
import type { Failure } from './start-input';
import type { Job } from './sandbox';

/** Of every worker and client in a simulation. */
const IDENTITY = 'simulation';

/** How the code learns of an activity's end. The failure is wrapped, as SDK core does it. */
export function resolveActivity(
  seq: number,
  end: ActivityEnd,
  { activityId, activityType, isLocal }: Pick<Activity, 'activityId' | 'activityType' | 'isLocal'>,
): Job {
  const wrap = (cause: Failure): Failure => ({
    message: 'Activity task failed',
    cause,
    activityFailureInfo: { activityId, activityType: { name: activityType }, identity: IDENTITY },
  });
  const result =
    'result' in end
      ? { completed: { result: end.result ?? null } }
      : 'failure' in end
        ? { failed: { failure: wrap(end.failure) } }
        : { cancelled: { failure: wrap(end.canceled) } };
  return { resolveActivity: { seq, result, isLocal } };
}
