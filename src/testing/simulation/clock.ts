import { AsyncLocalStorage } from 'node:async_hooks';

/** A virtual clock. @property now in epoch milliseconds */
interface Clock {
  readonly now: number;
}

const clocks = new AsyncLocalStorage<Clock>();
let realNow = Date.now;

function now(): number {
  return clocks.getStore()?.now ?? realNow();
}

/**
 * Runs some work to which `Date.now` tells the time of a virtual clock: a client that asks how long ago something was, and the
 * activities. Timers remain real.
 */
export async function onClock<T>(clock: Clock, work: () => Promise<T>): Promise<T> {
  if (Date.now !== now) {
    realNow = Date.now;
    Date.now = now;
  }
  return await clocks.run(clock, work);
}

/** Runs some work on the real clock. */
export async function onRealClock<T>(work: () => Promise<T>): Promise<T> {
  return await clocks.exit(work);
}
