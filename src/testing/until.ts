import { setTimeout as sleep } from 'node:timers/promises';

/** How long anything that a run waits for may take, in milliseconds of the real clock. */
export const WITHIN_MS = 60_000;

/** Asks until it holds. @returns whether it did within {@link WITHIN_MS}. */
export async function until(holds: () => Promise<boolean>): Promise<boolean> {
  const end = Date.now() + WITHIN_MS;
  while (Date.now() < end) {
    if (await holds()) return true;
    await sleep(10);
  }
  return false;
}
