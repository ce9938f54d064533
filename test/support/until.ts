import { waitUntil } from '../../dev/wait-until';

/** Waits until a condition holds. */
export async function until(
  what: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 60_000,
): Promise<void> {
  await waitUntil(what, withinMs, async () => ((await holds()) ? true : undefined));
}
