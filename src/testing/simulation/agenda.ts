import { setImmediate as macrotask } from 'node:timers/promises';
import type { Choices } from './choices';

/** What is to happen at a time. */
interface Appointment {
  readonly at: number;
  readonly run: () => Promise<void> | void;
}

/** How long what is sent is on its way, in milliseconds. */
const DELAYS = [1, 1, 2, 3, 5, 8, 20, 100];
/** So many things do not happen before the end of anything that has one: a thousand steps take some 10,000. */
const ENDLESS = 200_000;

/** What a simulation runs for does not come to an end. */
export class NoEnd extends Error {
  override readonly name = 'NoEnd';
}

/**
 * The virtual clock of a simulation, and all that is to happen: one thing after another, each to its end. Time passes only
 * from one to the next.
 */
export class Agenda {
  /** In epoch milliseconds. */
  now: number;
  private readonly appointments: Appointment[] = [];
  private readonly underWay = new Set<Promise<unknown>>();
  private readonly working = new Set<Promise<unknown>>();
  private conditions: { readonly holds: () => boolean; readonly resolve: () => void }[] = [];
  private fault: Error | undefined;

  constructor(
    private readonly choices: Choices,
    start = Date.UTC(2026, 0, 1),
  ) {
    this.now = start;
  }

  /** @returns what takes it off the agenda again. */
  at(time: number, run: () => Promise<void> | void): () => void {
    const appointment: Appointment = { at: Math.max(time, this.now), run };
    // Of two at the same time the one that was made first is first.
    const index = this.appointments.findIndex(({ at }) => at > appointment.at);
    this.appointments.splice(index === -1 ? this.appointments.length : index, 0, appointment);
    return () => {
      const found = this.appointments.indexOf(appointment);
      if (found !== -1) this.appointments.splice(found, 1);
    };
  }

  /** In so many milliseconds. */
  after(ms: number, run: () => Promise<void> | void): () => void {
    return this.at(this.now + ms, run);
  }

  /** As soon as it has arrived at its receiver: what is sent later may arrive earlier. */
  send(run: () => Promise<void> | void): () => void {
    return this.after(DELAYS[this.choices.pick(DELAYS.length)] ?? 1, run);
  }

  /** @returns a promise that is kept as soon as what is sent has arrived. */
  async sent(): Promise<void> {
    await new Promise<void>((resolve) => this.send(resolve));
  }

  /** Work of the simulation itself: nothing else happens before its end. */
  async alone<T>(work: Promise<T>): Promise<T> {
    this.working.add(work);
    try {
      return await work;
    } finally {
      this.working.delete(work);
    }
  }

  /** A part of the simulation that waits for what comes; that it fails is a fault of the simulation. */
  spawn(work: Promise<void>): void {
    work.catch(
      (error: unknown) => (this.fault ??= error instanceof Error ? error : new Error(String(error))),
    );
  }

  /** Work outside of the simulation, such as a participant's: while nothing else can happen its end is waited for. */
  watch(work: Promise<unknown>): void {
    const watched = work.then(
      () => void this.underWay.delete(watched),
      () => void this.underWay.delete(watched),
    );
    this.underWay.add(watched);
  }

  /** @returns a promise that is kept as soon as a condition holds between two things that happen. */
  async when(holds: () => boolean): Promise<void> {
    await new Promise<void>((resolve) => this.conditions.push({ holds, resolve }));
  }

  /**
   * Lets things happen until a condition holds.
   * @throws NoEnd when nothing can happen any more, or so much happens that it seems to be endless
   */
  async until(holds: () => boolean): Promise<void> {
    for (let happened = 0; happened < ENDLESS; happened++) {
      // What was resolved has its consequences first.
      await macrotask();
      const [working] = this.working;
      if (working) {
        await working.catch(() => undefined);
        continue;
      }
      if (this.fault !== undefined) throw this.fault;
      if (holds()) return;
      const held = this.conditions.filter((condition) => condition.holds());
      if (held.length > 0) {
        this.conditions = this.conditions.filter((condition) => !held.includes(condition));
        for (const { resolve } of held) resolve();
        continue;
      }
      const next = this.appointments.shift();
      if (next) {
        this.now = next.at;
        await next.run();
      } else if (this.underWay.size > 0) await Promise.race(this.underWay);
      else throw new NoEnd('nothing can happen any more in the simulation, and what it runs for is not done');
    }
    throw new NoEnd(`${ENDLESS} things have happened in the simulation, and what it runs for is not done`);
  }
}
