import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** The next message of a child process. @throws Error when the process ends instead */
export async function nextMessage<T>(child: ChildProcess): Promise<T> {
  const watch = new AbortController();
  const message = once(child, 'message', { signal: watch.signal }) as Promise<[T]>;
  const exit = once(child, 'exit', { signal: watch.signal }).then(([code]): never => {
    throw new Error(`${child.spawnargs.join(' ')} has ended with ${String(code)}`);
  });
  message.catch(() => undefined);
  exit.catch(() => undefined);
  try {
    return (await Promise.race([message, exit]))[0];
  } finally {
    watch.abort();
  }
}
