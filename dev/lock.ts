import { lock } from 'proper-lockfile';

/**
 * Does something while no other process of this machine does it under the same lock. A process that is killed meanwhile loses
 * the lock after ten seconds.
 * @param path names the lock; nothing needs to be there.
 * @param retries how often the lock is asked for, every 50 to 100 ms.
 */
export async function withLock<T>(path: string, retries: number, work: () => Promise<T>): Promise<T> {
  const release = await lock(path, {
    realpath: false,
    retries: { retries, minTimeout: 50, maxTimeout: 100 },
  });
  try {
    return await work();
  } finally {
    await release();
  }
}
