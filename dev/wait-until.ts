import { setTimeout as sleep } from 'node:timers/promises';
import type { Child } from './child';
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
      const message = `Waited ${withinMs} ms for ${what}, in vain.`;
      throw new SetupError('NOT_READY_IN_TIME', message, 'The logs may say why.');
    }
    await sleep(everyMs, undefined, signal && { signal });
  }
}

/**
 * Waits until a server that was just started serves.
 * @param use throws while it does not: why is in the server's log.
 * @throws SetupError `PROCESS_FAILED` when it ends instead, `NOT_READY_IN_TIME`
 */
export async function untilServes(
  child: Child,
  use: () => Promise<unknown>,
  signal?: AbortSignal,
): Promise<void> {
  const check = async () => {
    child.assertRuns();
    return use().then(
      () => true,
      () => undefined,
    );
  };
  await waitUntil(`${child.spec.name} to serve`, 60_000, check, { ...(signal && { signal }) });
}
