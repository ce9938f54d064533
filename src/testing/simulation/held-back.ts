import type { Attributes } from './events';
import { roughBytes } from './sizes';

/** What has happened, as events tell it. */
export interface Told {
  readonly attributes: Attributes;
  /** An event that its own precedes: that of the start of an activity's last attempt. */
  readonly before?: Attributes;
}

/** The events that tell what has happened. */
export function eventsOf({ before, attributes }: Told): Attributes[] {
  return before ? [before, attributes] : [attributes];
}

/** What came while a workflow task was under way. */
export class HeldBack<Happening extends Told> {
  private happenings: Happening[] = [];
  /** How many events they are. */
  events = 0;
  /** Of those events. */
  bytes = 0;

  add(happening: Happening): void {
    this.happenings.push(happening);
    this.count(happening, 1);
  }

  /** One of them does not happen. */
  withdraw(happening: Happening): void {
    if (!this.happenings.includes(happening)) return;
    this.happenings = this.happenings.filter((one) => one !== happening);
    this.count(happening, -1);
  }

  /** @returns all of them, in order, which are held back no longer */
  take(): Happening[] {
    this.events = 0;
    this.bytes = 0;
    return this.happenings.splice(0);
  }

  private count(happening: Happening, sign: 1 | -1): void {
    const events = eventsOf(happening);
    this.events += sign * events.length;
    this.bytes += sign * roughBytes(events);
  }
}
