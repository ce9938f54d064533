import { waitUntil } from '../../dev/wait-until';

/** Waits until a condition holds, for 20 seconds at most. */
export async function until(what: string, holds: () => boolean | Promise<boolean>): Promise<void> {
  await waitUntil(what, 20_000, async () => ((await holds()) ? true : undefined));
}
