import { setTimeout as sleep } from 'node:timers/promises';
import { SetupError } from '../src/worker';

/**
 * Asks again until `check` gives a value.
 * @param what completes "waited … for".
 * @param withinMs the bound, in milliseconds.
 * @throws SetupError `NOT_READY_IN_TIME` at the bound; whatever `check` throws, at once; AbortError when `signal` aborts.
 */
export async function waitUntil<T>(
  what: string,
  withinMs: number,
  check: () => Promise<T | undefined> | T | undefined,
  { signal, everyMs = 50 }: { readonly signal?: AbortSignal; readonly everyMs?: number } = {},
): Promise<T> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await check();
    if (found !== undefined) return found;
    if (Date.now() > end) {
      throw new SetupError(
        'NOT_READY_IN_TIME',
        `Waited ${withinMs} ms for ${what}, in vain.`,
        'The logs may say why.',
      );
    }
    await sleep(everyMs, undefined, signal && { signal });
  }
}
