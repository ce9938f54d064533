import { setMaxListeners } from 'node:events';

/** Runs work with a separate signal that follows another one. Listeners that the work adds do not stay on the other signal. */
export async function withLinkedSignal<T>(
  outer: AbortSignal,
  work: (signal: AbortSignal, abort: () => void) => Promise<T>,
): Promise<T> {
  const inner = new AbortController();
  setMaxListeners(0, inner.signal);
  const abort = () => inner.abort();
  if (outer.aborted) abort();
  outer.addEventListener('abort', abort, { once: true });
  try {
    return await work(inner.signal, abort);
  } finally {
    outer.removeEventListener('abort', abort);
  }
}
