import { defaultPayloadConverter } from '@temporalio/common';
import { arrayFromPayloads } from '@temporalio/common/lib/converter/payload-converter';
import type { StepCall } from '../saga';
import type { HistoryEvent } from './simulation/events';

/**
 * The states that a saga was in, as its history tells: after each workflow task, which operations were asked for and what came
 * of them, and whether it was asked to cancel. Schedules that lead to states which none before has led to are worth more of
 * their kind.
 */
export function statesOf(events: readonly HistoryEvent[]): string[] {
  const operations = new Map<string, string>();
  const byEvent = new Map<number, string>();
  const states = new Set<string>();
  const ended = (attributes: { scheduledEventId?: unknown } | null | undefined, how: string) => {
    const name = byEvent.get(Number(attributes?.scheduledEventId));
    if (name !== undefined) operations.set(name, how);
  };
  for (const event of events) {
    const { activityTaskScheduledEventAttributes: scheduled, markerRecordedEventAttributes: marker } = event;
    if (scheduled) {
      const [, call] = arrayFromPayloads(defaultPayloadConverter, scheduled.input?.payloads) as [
        unknown,
        Partial<StepCall>?,
      ];
      const name = `${call?.op ?? ''} ${call?.step ?? ''}`;
      byEvent.set(Number(event.eventId), name);
      operations.set(name, 'scheduled');
    }
    ended(event.activityTaskCompletedEventAttributes, 'done');
    ended(event.activityTaskFailedEventAttributes, 'failed');
    ended(event.activityTaskTimedOutEventAttributes, 'timed out');
    ended(event.activityTaskCanceledEventAttributes, 'cancelled');
    if (marker) operations.set(`marker ${operations.size}`, marker.failure ? 'failed' : 'done');
    const nested = event.startChildWorkflowExecutionInitiatedEventAttributes?.workflowId;
    if (nested) operations.set(nested, 'begun');
    if (event.workflowExecutionCancelRequestedEventAttributes) operations.set('cancel', 'requested');
    if (event.workflowTaskCompletedEventAttributes)
      states.add(JSON.stringify([...operations].map(String).sort()));
  }
  return [...states];
}
