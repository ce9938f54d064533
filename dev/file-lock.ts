import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import type { ProcessIdentity } from './process-identity';
import { identify, isAlive } from './process-identity';
import { SetupError } from '../src/worker';
import { waitUntil } from './wait-until';

/** A lock between processes: a file that names its holder. One whose holder has died is taken over. */
export class FileLock {
  #holds = 0;

  constructor(private readonly path: string) {}

  /**
   * Runs `work` while no other process does. In this process more than one may hold it at a time: stopping must not
   * wait for the start that it interrupts.
   * @throws SetupError `HOME_IN_USE` when another live process holds it for longer than `withinMs` milliseconds.
   */
  async hold<T>(withinMs: number, work: () => Promise<T>): Promise<T> {
    if (this.#holds === 0) await this.#acquire(withinMs);
    this.#holds += 1;
    try {
      return await work();
    } finally {
      this.#holds -= 1;
      if (this.#holds === 0) rmSync(this.path, { force: true });
    }
  }

  async #acquire(withinMs: number): Promise<void> {
    try {
      await waitUntil('the lock', withinMs, () => this.#tryAcquire() || undefined);
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      throw new SetupError(
        'HOME_IN_USE',
        `Another process has held ${this.path} for more than ${withinMs} ms: ${readFileSync(this.path, 'utf8')}`,
        'Wait until it has started or stopped, or set UNWIND_HOME to another directory.',
        { cause: error },
      );
    }
  }

  #tryAcquire(): boolean {
    const mine = `${this.path}.${process.pid}`;
    try {
      writeFileSync(mine, JSON.stringify(identify(process.pid)), { mode: 0o600 });
      linkSync(mine, this.path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      this.#takeOverIfDead(mine);
      return false;
    } finally {
      rmSync(mine, { force: true });
    }
  }

  #takeOverIfDead(mine: string): void {
    try {
      const holder = readFileSync(this.path, 'utf8');
      if (isAlive(JSON.parse(holder) as ProcessIdentity)) return;
      renameSync(this.path, mine);
      // Between the two lines another process may have taken the lock over: what was moved is then its lock.
      if (readFileSync(mine, 'utf8') !== holder) linkSync(mine, this.path);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'EEXIST') throw error;
    }
  }
}
