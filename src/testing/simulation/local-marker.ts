import { defaultPayloadConverter } from '@temporalio/common';
import { type Attributes, timestamp } from './events';
import type { LocalResolution } from './recorded-task';

/** The marker by which SDK core records what came of a local activity. */
export function localMarker(
  { seq, job, at, activity }: LocalResolution,
  workflowTaskCompletedEventId: number,
): Attributes {
  const { completed, failed, cancelled, backoff } = job.resolveActivity?.result ?? {};
  const failure = failed?.failure?.cause ?? cancelled?.failure?.cause;
  const data = {
    seq,
    attempt: activity.attempt,
    activity_id: activity.activityId,
    activity_type: activity.activityType,
    complete_time: timestamp(at),
    original_schedule_time: timestamp(activity.scheduledAt),
    backoff: backoff?.backoffDuration ?? null,
  };
  return {
    markerRecordedEventAttributes: {
      markerName: 'core_local_activity',
      workflowTaskCompletedEventId,
      details: {
        data: { payloads: [defaultPayloadConverter.toPayload(data)] },
        ...(completed && { result: { payloads: [completed.result] } }),
      },
      ...(failure && { failure }),
    },
  };
}
