import { withLinkedSignal } from './linked-abort';

/** What came of one try. `after` is when the receiver asks to be tried again, in milliseconds from now. */
export type Posted =
  | { readonly kind: 'delivered' }
  | { readonly kind: 'failed'; readonly why: string; readonly after?: number }
  | { readonly kind: 'refused'; readonly why: string };

/** Posts once. Redirects are not followed: a body must not go where nobody has named. */
export async function post(
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string,
  timeoutMs: number,
  stop: AbortSignal,
): Promise<Posted> {
  let isLate = false;
  return await withLinkedSignal(stop, async (signal, abort) => {
    const timer = setTimeout(() => {
      isLate = true;
      abort();
    }, timeoutMs);
    try {
      const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
      await answer.body?.cancel();
      return postedBy(answer);
    } catch (error) {
      return { kind: 'failed', why: isLate ? `no answer within ${timeoutMs} ms` : failureText(error) };
    } finally {
      clearTimeout(timer);
    }
  });
}

function postedBy({ status, headers }: Response): Posted {
  if (status >= 200 && status < 300) return { kind: 'delivered' };
  const why = `status ${status}`;
  if (status !== 429 && status !== 408 && status < 500) return { kind: 'refused', why };
  const after = retryAfter(headers.get('retry-after'));
  return { kind: 'failed', why, ...(after !== undefined && { after }) };
}

/** Seconds, or an HTTP date. */
function retryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  if (/^\d+$/.test(value)) return Number(value) * 1_000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** `fetch failed` says nothing: the code of its cause does. No message is used: it may hold the URL, which can be a secret. */
function failureText(error: unknown): string {
  const { name, cause } = error as { readonly name?: string; readonly cause?: { readonly code?: unknown } };
  if (typeof cause?.code === 'string') return cause.code;
  return name === 'AbortError' ? 'the watcher ended' : (name ?? 'unknown failure');
}
