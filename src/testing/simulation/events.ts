import { temporal } from '@temporalio/proto';
import { roughBytes } from './sizes';

export type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** What can be said of an event, by the name under which its attributes are kept: `timerFiredEventAttributes`. */
type AttributesName = Extract<keyof HistoryEvent, `${string}EventAttributes`>;
/** Attributes as a simulation writes them: numbers instead of 64-bit objects, everything optional. */
export type Attributes = { readonly [Name in AttributesName]?: object };

const types = temporal.api.enums.v1.EventType;

/** `timerFiredEventAttributes` belongs to `EVENT_TYPE_TIMER_FIRED`. */
function typeOf(name: string): number {
  const words = name.replace(/EventAttributes$/, '').replace(/[A-Z]/g, (letter) => `_${letter}`);
  const type = types[`EVENT_TYPE_${words.toUpperCase()}` as keyof typeof types];
  if (type === undefined) throw new Error(`no event has ${name}`);
  return type;
}

/** `00:00:01.250 ACTIVITY_TASK_SCHEDULED reserveStock` */
export function tell(event: HistoryEvent): string {
  const at = new Date(durationMs(event.eventTime)).toISOString().slice(11, 23);
  return `${at} ${summaryOf(event, ['activityType', 'signalName', 'workflowId', 'failure'])}`;
}

/** The type of an event, and those of its attributes that it has: of a type its name, of a failure its message. */
export function summaryOf(event: HistoryEvent, names: readonly string[]): string {
  const attributes = (Object.entries(event).find(
    ([key, value]) => key.endsWith('Attributes') && value,
  )?.[1] ?? {}) as Readonly<
    Record<string, { readonly name?: string; readonly message?: string } | string | null>
  >;
  const told = names.map((name) => {
    const value = attributes[name];
    return typeof value === 'object' ? (value?.name ?? value?.message) : value;
  });
  const type = String(types[event.eventType ?? 0]).replace('EVENT_TYPE_', '');
  return [type, ...told.filter((one) => one)].join(' ');
}

/** A time as protobuf has it. @param ms since the epoch */
export function timestamp(ms: number): { readonly seconds: number; readonly nanos: number } {
  return { seconds: Math.floor(ms / 1_000), nanos: Math.round((ms % 1_000) * 1e6) };
}

/** @returns in milliseconds; 0 for none */
export function durationMs(
  duration: { readonly seconds?: unknown; readonly nanos?: number | null } | null | undefined,
): number {
  return duration ? Number(duration.seconds ?? 0) * 1_000 + (duration.nanos ?? 0) / 1e6 : 0;
}

/** What an event has beside what is different from one to the next: ids, times, who wrote it. In bytes. */
const EVENT_BYTES = 80;

/** The events of a run, as its server keeps them. */
export class History {
  /** About the size that a server would tell: its events name workers, queues and requests by longer ids. */
  bytes = 0;

  /** @param events those of another run, which this one has in common with it. */
  constructor(
    private readonly now: () => number,
    readonly events: HistoryEvent[] = [],
  ) {
    for (const event of events) this.bytes += roughBytes(event);
  }

  /** Takes out events that are not to be told. */
  drop(at: number, count: number): void {
    for (const event of this.events.splice(at, count)) this.bytes -= roughBytes(event);
  }

  /** The id of the last event. */
  get length(): number {
    return this.events.length;
  }

  /** @returns the event's id */
  add(attributes: Attributes, userMetadata?: HistoryEvent['userMetadata']): number {
    const [name = ''] = Object.keys(attributes);
    const eventId = this.events.length + 1;
    this.bytes += EVENT_BYTES + roughBytes(attributes) + roughBytes(userMetadata);
    this.events.push(
      temporal.api.history.v1.HistoryEvent.fromObject({
        eventId,
        eventTime: timestamp(this.now()),
        eventType: typeOf(name),
        ...attributes,
        ...(userMetadata && { userMetadata }),
      }),
    );
    return eventId;
  }
}
