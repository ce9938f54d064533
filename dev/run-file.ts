import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProcessIdentity } from './process-identity';
import { identify, isAlive } from './process-identity';

/**
 * What runs in a home directory: who started it, the servers' processes, and where they serve once they are ready.
 * Kept in `run.json`, readable by its user only, because it holds the administrator's URL of Postgres.
 */
export interface Run {
  readonly owner: ProcessIdentity;
  readonly processes: readonly ProcessIdentity[];
  readonly temporal?: { readonly address: string; readonly uiUrl: string };
  readonly postgres?: { readonly url: string };
}

const runFile = (home: string) => join(home, 'run.json');

/** What the run file of a home says; undefined when nothing runs there. Its owner may have been killed since. */
export function readRun(home: string): Run | undefined {
  const file = runFile(home);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Run) : undefined;
}

/** Writes who uses a home directory. To be used under the home's lock. */
export class RunFile {
  readonly #file: string;
  readonly #guests: string;

  constructor(home: string) {
    this.#file = runFile(home);
    this.#guests = join(home, 'guests');
    mkdirSync(this.#guests, { recursive: true, mode: 0o700 });
  }

  write(run: Run): void {
    writeFileSync(`${this.#file}.new`, JSON.stringify(run, null, 2), { mode: 0o600 });
    renameSync(`${this.#file}.new`, this.#file);
  }

  remove(): void {
    rmSync(this.#file, { force: true });
  }

  /** Announces this process as one that uses the owner's servers. */
  addGuest(): void {
    writeFileSync(join(this.#guests, String(process.pid)), JSON.stringify(identify(process.pid)), {
      mode: 0o600,
    });
  }

  removeGuest(): void {
    rmSync(join(this.#guests, String(process.pid)), { force: true });
  }

  /** The guests that live; forgets those that were killed. */
  liveGuests(): ProcessIdentity[] {
    return readdirSync(this.#guests).flatMap((name) => {
      const file = join(this.#guests, name);
      const guest = JSON.parse(readFileSync(file, 'utf8')) as ProcessIdentity;
      if (isAlive(guest)) return [guest];
      rmSync(file, { force: true });
      return [];
    });
  }
}
